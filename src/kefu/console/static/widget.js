/** `<kefu-chat>`: the customer's chat widget. */
import { Link, Memory } from "./link.js";
import { WORDS, chosenLocale, composing, make } from "./words.js";

const MOST = 2000;

class KefuChat extends HTMLElement {
  connectedCallback() {
    this.locale = chosenLocale();
    this.memory = new Memory();
    this.rows = new Map();
    this.seen = new Set();
    this.attachShadow({ mode: "open" });
    this.build();
    this.begin();
  }

  get words() { return WORDS[this.locale]; }

  build() {
    this.titleText = make("span");
    this.subtitle = make("small");
    this.languageButton = make("button", { type: "button", className: "language", onclick: () => this.switchLanguage() });
    this.freshButton = make("button", { type: "button", className: "fresh", onclick: () => this.startAfresh() });
    this.humanButton = make("button", { type: "button", className: "human primary", onclick: () => this.say(this.words.humanSays) });
    this.banner = make("div", { className: "banner", role: "status", hidden: true });
    this.log = make("div", { className: "log", role: "log", "aria-live": "polite", tabIndex: 0 });
    this.quick = make("div", { className: "quick", role: "group" });
    this.input = make("textarea", { rows: 1, maxLength: MOST, autocomplete: "off", enterKeyHint: "send" });
    this.sendButton = make("button", { type: "submit", className: "send primary" });
    this.hint = make("div", { className: "hint" });
    const form = make("form", { onsubmit: (event) => { event.preventDefault(); this.submit(); } }, this.input, this.sendButton);
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || composing(event)) return;
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => this.grow());
    const heading = make("h1", {}, this.titleText, this.subtitle);
    const header = make("header", {}, heading, this.languageButton, this.freshButton, this.humanButton);
    const chat = make("section", { className: "chat" }, header, this.banner, this.log, this.quick, form, this.hint);
    this.shadowRoot.append(make("link", { rel: "stylesheet", href: "/static/widget.css" }), chat);
  }

  async begin() {
    const none = { title: {}, greeting: {}, quick: {}, demo: false };
    this.info = await fetch("/widget.json").then((reply) => reply.json()).catch(() => none);
    this.translate();
    await this.recall();
    this.connect();
    this.input.focus();
  }

  connect() {
    this.link = new Link(this.memory.session, this.memory);
    this.link.addEventListener("up", () => this.up());
    this.link.addEventListener("down", () => this.down());
    this.link.addEventListener("frame", (event) => this.frame(event.detail));
  }

  /** After a reload: the conversation as the service kept it. */
  async recall() {
    if (this.memory.nextSeq === 0) { this.greet(); return; }
    const reply = await fetch(`/v1/sessions/${this.memory.session}`).catch(() => null);
    if (!reply || !reply.ok) { this.greet(); return; }
    for (const message of (await reply.json()).messages) {
      if (message.seq !== undefined && message.seq !== null && message.role !== "agent") {
        this.memory.lastSeq = Math.max(this.memory.lastSeq, message.seq);
        this.memory.nextSeq = Math.max(this.memory.nextSeq, message.seq + 1);
      }
      if (!message.text) continue;
      if (message.id) this.seen.add(message.id);
      const row = this.addRow(message.role, message.text);
      if (message.role === "assistant") this.finish(row, message);
    }
  }

  greet() {
    const text = this.info.greeting[this.locale];
    if (text) this.finish(this.addRow("assistant", text), {});
  }

  translate() {
    const words = this.words;
    document.documentElement.lang = this.locale === "zh" ? "zh-CN" : "en";
    this.titleText.textContent = this.info.title[this.locale] || words.title;
    document.title = this.titleText.textContent;
    this.subtitle.textContent = this.info.demo ? words.demo : "";
    this.languageButton.textContent = words.language;
    this.languageButton.setAttribute("aria-label", words.languageLabel);
    this.freshButton.textContent = words.fresh;
    this.humanButton.textContent = words.human;
    this.sendButton.textContent = words.send;
    this.input.placeholder = words.placeholder;
    this.input.setAttribute("aria-label", words.input);
    this.log.setAttribute("aria-label", words.log);
    this.quick.setAttribute("aria-label", words.quick);
    this.hint.textContent = words.hint;
    this.offer(this.info.quick[this.locale] || []);
  }

  switchLanguage() {
    this.locale = this.locale === "zh" ? "en" : "zh";
    localStorage.setItem("kefu.locale", this.locale);
    this.translate();
  }

  startAfresh() {
    this.link.close();
    this.memory.forget();
    this.rows.clear();
    this.log.replaceChildren();
    this.greet();
    this.offer(this.info.quick[this.locale] || []);
    this.connect();
    this.input.focus();
  }

  offer(texts) {
    this.quick.replaceChildren(...texts.map((text) => make("button", { type: "button", textContent: text, onclick: () => this.say(text) })));
  }

  grow() {
    this.input.style.setProperty("height", "auto");
    this.input.style.setProperty("height", `${this.input.scrollHeight + 2}px`);
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.grow();
    this.say(text);
  }

  say(text) {
    if ([...text].length > MOST) { this.notice(this.words.tooLong); return; }
    const row = this.addRow("user", text);
    const seq = this.link.send(text, this.locale);
    this.rows.set(`user-${seq}`, row);
    this.input.focus();
  }

  up() {
    if (this.banner.hidden) return;
    this.banner.hidden = true;
    this.notice(this.words.back);
  }

  down() {
    this.banner.textContent = this.words.reconnecting;
    this.banner.hidden = false;
  }

  frame(frame) {
    const handlers = { meta: () => this.reply(frame.seq), delta: () => this.delta(frame), done: () => this.done(frame), error: () => this.error(frame), notice: () => this.noticed(frame) };
    handlers[frame.type]?.();
  }

  /** The row of a reply, made on its first frame. */
  reply(seq) {
    const key = `bot-${seq}`;
    if (!this.rows.has(key)) {
      const row = this.addRow("assistant", "");
      row.bubble.classList.add("typing");
      row.bubble.setAttribute("aria-label", this.words.waiting);
      this.rows.set(key, row);
    }
    return this.rows.get(key);
  }

  delta(frame) {
    const row = this.reply(frame.seq);
    row.bubble.removeAttribute("aria-label");
    row.bubble.append(frame.text);
    this.scroll();
  }

  done(frame) {
    if (!frame.reply) { this.rows.get(`bot-${frame.seq}`)?.remove(); return; }
    const row = this.reply(frame.seq);
    if (row.done) return;
    row.bubble.textContent = frame.reply;
    this.finish(row, frame);
    this.offer(frame.quick?.length ? frame.quick : this.info.quick[this.locale] || []);
  }

  error(frame) {
    this.rows.get(`bot-${frame.seq}`)?.remove();
    const row = this.rows.get(`user-${frame.seq}`);
    const detail = frame.detail || frame.title || "";
    if (!row) { if (detail) this.notice(detail); return; }
    row.classList.add("failed");
    const again = make("button", { type: "button", textContent: this.words.retry, onclick: () => { row.classList.remove("failed"); row.meta.replaceChildren(); this.link.resend(frame.seq); } });
    row.meta.replaceChildren(`${this.words.failed}: ${detail}`, again);
  }

  noticed(frame) {
    if (frame.id && this.seen.has(frame.id)) return;
    if (frame.id) this.seen.add(frame.id);
    if (frame.kind === "agent_message") this.addRow("agent", frame.text);
    else if (this.words[frame.kind]) this.notice(this.words[frame.kind]);
  }

  notice(text) {
    this.log.append(make("div", { className: "notice", textContent: text }));
    this.scroll();
  }

  addRow(role, text) {
    const row = make("div", { className: `row ${role}` });
    row.bubble = make("div", { className: "bubble", textContent: text });
    row.meta = make("div", { className: "meta" });
    row.append(row.bubble, row.meta);
    if (role === "agent") row.meta.append(make("span", { className: "tag", textContent: this.words.agent }));
    this.log.append(row);
    this.scroll();
    return row;
  }

  finish(row, turn) {
    row.done = true;
    row.bubble.classList.remove("typing");
    row.bubble.removeAttribute("aria-label");
    row.meta.replaceChildren(make("span", { className: "tag", textContent: this.words.ai }));
    if (turn.turn_id) row.meta.append(this.thumb(turn.turn_id, "useful", 5), this.thumb(turn.turn_id, "useless", 1));
    this.scroll();
  }

  thumb(turnId, word, csat) {
    const button = make("button", { type: "button", className: word, textContent: this.words[word], "aria-pressed": "false" });
    button.onclick = async () => {
      const body = JSON.stringify({ session_id: this.memory.session, turn_id: turnId, csat });
      const reply = await fetch("/v1/feedback", { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => null);
      if (!reply || !reply.ok) return;
      for (const other of button.parentElement.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
      button.title = this.words.thanks;
    };
    return button;
  }

  scroll() { this.log.scrollTop = this.log.scrollHeight; }
}

customElements.define("kefu-chat", KefuChat);
