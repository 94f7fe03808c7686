/**
 * The socket to the service: sends numbered messages, resumes after a break, loses nothing.
 * A message stays in the outbox until its `done` or `error` came; the same number sent twice is answered once.
 */
const LONGEST_WAIT_MS = 8000;

export class Link extends EventTarget {
  constructor(session, memory) {
    super();
    this.session = session;
    this.memory = memory;
    this.outbox = new Map();
    this.tries = 0;
    this.closed = false;
    this.open();
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}/v1/ws`);
    this.socket.addEventListener("open", () => this.opened());
    this.socket.addEventListener("message", (event) => this.heard(JSON.parse(event.data)));
    this.socket.addEventListener("close", () => this.lost());
  }

  opened() {
    this.tries = 0;
    this.socket.send(JSON.stringify({ type: "resume", session_id: this.session, last_seq: this.memory.lastSeq }));
    for (const request of this.outbox.values()) this.socket.send(JSON.stringify(request));
    this.dispatchEvent(new Event("up"));
  }

  lost() {
    if (this.closed) return;
    this.dispatchEvent(new Event("down"));
    const wait = Math.min(LONGEST_WAIT_MS, 300 * 2 ** this.tries) * (0.5 + Math.random() / 2);
    this.tries += 1;
    this.timer = setTimeout(() => this.open(), wait);
  }

  send(text, locale) {
    const seq = this.memory.nextSeq;
    this.memory.nextSeq = seq + 1;
    const request = { session_id: this.session, text, seq, locale };
    this.outbox.set(seq, request);
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(request));
    return seq;
  }

  resend(seq) {
    const request = this.outbox.get(seq);
    if (request && this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(request));
  }

  heard(frame) {
    if (frame.type === "done") {
      this.outbox.delete(frame.seq);
      this.memory.lastSeq = Math.max(this.memory.lastSeq, frame.seq);
      this.memory.nextSeq = Math.max(this.memory.nextSeq, frame.seq + 1);
    }
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}

/** What outlives a page reload: the session's id and the sequence numbers on both sides. */
export class Memory {
  constructor() {
    this.state = JSON.parse(localStorage.getItem("kefu.chat") || "null") || Memory.fresh();
    this.save();
  }

  static fresh() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return { session: `web-${id}`, nextSeq: 0, lastSeq: -1 };
  }

  save() { localStorage.setItem("kefu.chat", JSON.stringify(this.state)); }
  get session() { return this.state.session; }
  get nextSeq() { return this.state.nextSeq; }
  set nextSeq(value) { this.state.nextSeq = value; this.save(); }
  get lastSeq() { return this.state.lastSeq; }
  set lastSeq(value) { this.state.lastSeq = value; this.save(); }
  forget() { this.state = Memory.fresh(); this.save(); }
}
