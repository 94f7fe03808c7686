/** The agent desk: queue on the left, the conversation on the right. */
import { WORDS, chosenLocale, composing, make } from "./words.js";

const RETRY_MS = 1500;

class Desk {
  constructor(root) {
    this.root = root;
    this.locale = chosenLocale();
    this.token = sessionStorage.getItem("kefu.desk.token") || "";
    this.agent = localStorage.getItem("kefu.desk.agent") || "";
    this.queue = [];
    this.open = null;
    this.token ? this.enter() : this.login("");
  }

  get words() { return WORDS[this.locale]; }

  async call(path, body) {
    const options = { headers: { Authorization: `Bearer ${this.token}` } };
    if (body) Object.assign(options, { method: "POST", body: JSON.stringify({ agent: this.agent, ...body }) });
    const reply = await fetch(`/desk/api/${path}`, options);
    const content = await reply.json();
    if (!reply.ok) throw Object.assign(new Error(content.detail || content.title), { status: reply.status });
    return content;
  }

  login(error) {
    const words = this.words;
    document.documentElement.lang = this.locale === "zh" ? "zh-CN" : "en";
    document.title = words.desk;
    const token = make("input", { type: "password", name: "token", required: true, autocomplete: "off" });
    const name = make("input", { name: "agent", required: true, maxLength: 40, value: this.agent, autocomplete: "name" });
    const submit = async (event) => {
      event.preventDefault();
      this.token = token.value.trim();
      this.agent = name.value.trim();
      await this.enter();
    };
    this.root.replaceChildren(make("form", { className: "login", onsubmit: submit },
      make("h1", { textContent: words.desk }),
      make("label", {}, words.token, token, make("small", { textContent: words.tokenHelp })),
      make("label", {}, words.name, name),
      make("div", { className: "error", role: "alert", textContent: error }),
      make("button", { className: "primary", type: "submit", textContent: words.enter }),
      make("button", { type: "button", textContent: words.language, onclick: () => this.switchLanguage() })));
    token.focus();
  }

  switchLanguage() {
    this.locale = this.locale === "zh" ? "en" : "zh";
    localStorage.setItem("kefu.locale", this.locale);
    this.entered ? (this.frame(), this.refresh()) : this.login("");
  }

  async enter() {
    try {
      this.queue = (await this.call("queue")).queue;
    } catch (error) {
      this.token = "";
      this.login(error.status === 401 ? this.words.wrongToken : error.message);
      return;
    }
    sessionStorage.setItem("kefu.desk.token", this.token);
    localStorage.setItem("kefu.desk.agent", this.agent);
    this.names = (await this.call("names")).intents;
    this.entered = true;
    this.frame();
    this.refresh();
    this.listen();
  }

  leave() {
    sessionStorage.removeItem("kefu.desk.token");
    location.reload();
  }

  frame() {
    const words = this.words;
    document.title = words.desk;
    this.status = make("div", { className: "error", role: "status" });
    this.list = make("nav", { "aria-label": words.queue });
    this.talk = make("section", { className: "talk", "aria-live": "polite" });
    this.root.replaceChildren(
      make("header", {}, make("h1", { textContent: words.desk }), this.status, make("span", { textContent: this.agent }),
        make("button", { textContent: words.language, onclick: () => this.switchLanguage() }),
        make("button", { textContent: words.logout, onclick: () => this.leave() })),
      make("div", { className: "columns" }, this.list, this.talk));
  }

  async refresh() {
    this.queue = (await this.call("queue")).queue;
    this.drawQueue();
    await this.drawTalk();
  }

  /** Server-sent events over fetch, because EventSource cannot carry the token in a header. */
  async listen() {
    for (;;) {
      try {
        const reply = await fetch("/desk/api/live", { headers: { Authorization: `Bearer ${this.token}` } });
        const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
        this.status.textContent = "";
        await this.refresh();
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          if (part.value.includes("changed")) await this.refresh();
        }
      } catch {
        this.status.textContent = this.words.lost;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  drawQueue() {
    const words = this.words;
    const items = this.queue.map((item) => {
      const minutes = Math.max(0, Math.floor((Date.now() - item.since_ms) / 60000));
      const state = item.state === "human" ? this.holder(item.agent) : words.queued;
      const button = make("button", { onclick: () => { this.open = item.session; this.refresh(); } },
        make("strong", { textContent: item.session.slice(0, 18) }),
        make("span", {}, make("span", { className: "tag", textContent: state }), item.tier === "vip" ? ` ${words.vip}` : ""),
        make("small", { textContent: `${words.reason}: ${this.why(item.reason)}` }),
        make("small", { textContent: `${words.summary}: ${this.told(item.summary) || words.none}` }),
        make("small", { textContent: words.minutes.replace("{n}", minutes) }));
      button.setAttribute("aria-current", String(item.session === this.open));
      return button;
    });
    const empty = make("p", { className: "faint", textContent: words.empty });
    this.list.replaceChildren(make("h2", { textContent: `${words.queue} (${this.queue.length})` }), ...(items.length ? items : [empty]));
  }

  /** A reason the engine gave, in the agent's language. */
  why(reason) {
    return this.words.reasons[reason] || reason || this.words.none;
  }

  /** "turns=2; topic=a; wishes=b,c" in the agent's language. */
  told(summary) {
    return summary.split("; ").filter(Boolean).map((part) => {
      const [key, value] = part.split("=");
      const named = value.split(",").map((name) => this.names[name]?.[this.locale] || name).join(this.locale === "zh" ? "、" : ", ");
      return (this.words.told[key] || "{x}").replace("{x}", named);
    }).join(" · ");
  }

  holder(agent) {
    return agent === this.agent ? this.words.mine : this.words.other.replace("{agent}", agent || "?");
  }

  async drawTalk() {
    const words = this.words;
    if (!this.open) { this.talk.replaceChildren(make("p", { className: "empty", textContent: words.pick })); return; }
    const talk = await this.call(`conversations/${encodeURIComponent(this.open)}`);
    const draft = this.talk.querySelector("textarea")?.value || "";
    const focused = document.activeElement === this.talk.querySelector("textarea");
    const slots = Object.entries(talk.slots).map(([name, value]) => `${name}=${value}`).join("  ") || words.none;
    const facts = make("div", { className: "facts" },
      make("span", { textContent: `${words.reason}: ${this.why(talk.reason)}` }),
      make("span", { textContent: `${words.known}: ${slots}` }));
    const names = { user: words.user, assistant: words.bot, agent: words.agent };
    const lines = make("div", { className: "lines", role: "log", tabIndex: 0 }, ...talk.messages.map((message) =>
      make("div", { className: `line ${message.role}` }, make("small", { textContent: message.agent || names[message.role] }), message.text)));
    this.talk.replaceChildren(facts, lines, this.actions(talk, draft));
    lines.scrollTop = lines.scrollHeight;
    if (focused) this.talk.querySelector("textarea")?.focus();
  }

  actions(talk, draft) {
    const words = this.words;
    const act = (path, body) => this.call(`conversations/${encodeURIComponent(this.open)}/${path}`, body)
      .then(() => this.refresh()).catch((error) => { this.status.textContent = error.message; });
    if (talk.mode !== "human" || talk.agent !== this.agent) {
      const take = make("button", { className: "primary take", textContent: words.take, disabled: talk.mode === "human", onclick: () => act("take", {}) });
      return make("div", { className: "actions" }, take);
    }
    const box = make("textarea", { rows: 2, maxLength: 2000, value: draft, "aria-label": words.reply, placeholder: words.reply });
    const send = () => {
      const text = box.value.trim();
      if (!text) return;
      box.value = "";
      act("reply", { text });
    };
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !composing(event)) { event.preventDefault(); send(); }
    });
    return make("div", { className: "actions" }, box,
      make("button", { className: "primary reply", textContent: words.send, onclick: send }),
      make("button", { className: "return", textContent: words.giveBack, onclick: () => act("return", {}) }));
  }
}

new Desk(document.getElementById("desk"));
