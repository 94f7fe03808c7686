/** All words of the chat widget and the desk, in both languages. */
export const WORDS = {
  zh: {
    title: "在线客服", human: "转人工", send: "发送", language: "English", languageLabel: "Switch to English",
    placeholder: "说说您的问题，一句话里可以有几件事", input: "输入消息", log: "聊天记录",
    ai: "AI 生成", agent: "人工客服", useful: "有用", useless: "没用", thanks: "谢谢您的反馈",
    reconnecting: "连接断开，正在重连，您的消息不会丢", back: "已重新连接", failed: "没有发出去", retry: "重发",
    taken_over: "人工客服已接入", given_back: "人工服务已结束，小助手继续为您服务", waiting: "小助手正在输入",
    hint: "Enter 发送，Shift+Enter 换行", demo: "演示商店：您以一位演示顾客的身份聊天", fresh: "新对话",
    tooLong: "最多 2000 字，请分几条发", humanSays: "转人工", quick: "常见问题",
    desk: "客服工作台", token: "工作台令牌", tokenHelp: "首次启动时打印在终端里", name: "您的称呼", enter: "进入",
    queue: "排队", empty: "没有人在排队。顾客要求人工时会出现在这里。", take: "接入", giveBack: "交还机器人",
    reply: "回复顾客", pick: "从左边选一个会话", reason: "原因", summary: "摘要", mine: "由我接待", other: "由{agent}接待",
    queued: "等待中", wrongToken: "令牌不对，或已失效", lost: "连接断开，正在重试", vip: "VIP",
    known: "已知信息", none: "无", logout: "退出", bot: "小助手", user: "顾客", minutes: "已等 {n} 分钟",
    told: { turns: "{x} 轮", topic: "在办：{x}", wishes: "刚说：{x}", anger: "不满 {x} 次" },
    reasons: {
      "the customer asks for a person": "顾客要求人工", "moderation hands the message to a person": "敏感内容，需要人工",
      "an agent has the conversation": "人工接待中",
    },
  },
  en: {
    title: "Customer service", human: "Talk to a person", send: "Send", language: "中文", languageLabel: "切换到中文",
    placeholder: "Tell us what you need; several things at once are fine", input: "Your message", log: "Conversation",
    ai: "AI-generated", agent: "Agent", useful: "Helpful", useless: "Not helpful", thanks: "Thank you for the feedback",
    reconnecting: "Connection lost; reconnecting. Nothing you wrote is lost", back: "Connected again", failed: "Not sent", retry: "Send again",
    taken_over: "An agent has joined", given_back: "The agent has left; the assistant goes on", waiting: "The assistant is typing",
    hint: "Enter sends, Shift+Enter starts a new line", demo: "Demo shop: you chat as one of its demo customers", fresh: "New chat",
    tooLong: "At most 2,000 characters; please send it in parts", humanSays: "I want to talk to a person", quick: "Common questions",
    desk: "Agent desk", token: "Desk token", tokenHelp: "Printed in the terminal at the first start", name: "Your name", enter: "Enter",
    queue: "Queue", empty: "Nobody is waiting. Customers who ask for a person appear here.", take: "Take over", giveBack: "Give back to the bot",
    reply: "Reply to the customer", pick: "Pick a conversation on the left", reason: "Reason", summary: "Summary", mine: "With me", other: "With {agent}",
    queued: "Waiting", wrongToken: "The token is wrong or no longer valid", lost: "Connection lost; trying again", vip: "VIP",
    known: "What is known", none: "none", logout: "Leave", bot: "Assistant", user: "Customer", minutes: "waiting {n} min",
    told: { turns: "{x} turns", topic: "topic: {x}", wishes: "just said: {x}", anger: "upset {x} times" },
    reasons: {
      "the customer asks for a person": "asked for a person", "moderation hands the message to a person": "sensitive content",
      "an agent has the conversation": "with an agent",
    },
  },
};

/** The stored language, else the browser's. */
export function chosenLocale() {
  const stored = localStorage.getItem("kefu.locale");
  if (stored === "zh" || stored === "en") return stored;
  return (navigator.language || "zh").toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** An element with properties and children; text is always text, never markup. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** True while an input method is composing: that Enter picks a candidate and must not send. */
export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}
