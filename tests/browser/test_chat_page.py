"""The chat page in a real browser."""

from __future__ import annotations

from playwright.async_api import BrowserContext, Page, expect

from serving import Service

WISHES = "帮我查下订单,顺便把地址改了,怎么还不发货"


async def opened(context: BrowserContext, service: Service) -> Page:
    page = await context.new_page()
    await page.goto(service.url)
    await expect(page.locator("kefu-chat .assistant")).to_have_count(1)
    return page


async def say(page: Page, text: str) -> None:
    box = page.locator("kefu-chat textarea")
    await box.fill(text)
    await box.press("Enter")


async def test_three_wishes_in_one_sentence_are_answered_and_labelled(
    desktop: BrowserContext, service: Service
) -> None:
    page = await opened(desktop, service)
    await say(page, WISHES)
    reply = page.locator("kefu-chat .assistant").nth(1)
    await expect(reply.locator(".tag")).to_have_text("AI 生成")
    await expect(reply.locator(".bubble")).to_contain_text("订单")
    await expect(reply.locator(".bubble")).to_contain_text("地址")
    await expect(reply.locator(".bubble")).to_contain_text("发货")


async def test_enter_picks_a_candidate_while_an_input_method_composes(
    desktop: BrowserContext, service: Service
) -> None:
    page = await opened(desktop, service)
    await page.locator("kefu-chat textarea").fill("nihao")
    await page.evaluate(
        """() => {
          const box = document.querySelector("kefu-chat").shadowRoot.querySelector("textarea");
          const enter = { key: "Enter", bubbles: true, cancelable: true };
          box.dispatchEvent(new KeyboardEvent("keydown", { ...enter, isComposing: true }));
        }"""
    )
    await expect(page.locator("kefu-chat .user")).to_have_count(0)
    await page.locator("kefu-chat textarea").press("Shift+Enter")
    await expect(page.locator("kefu-chat .user")).to_have_count(0)
    await page.locator("kefu-chat textarea").press("Enter")
    await expect(page.locator("kefu-chat .user")).to_have_count(1)


async def test_a_reload_brings_the_conversation_back(
    desktop: BrowserContext, service: Service
) -> None:
    page = await opened(desktop, service)
    await say(page, "满多少包邮")
    await expect(page.locator("kefu-chat .assistant")).to_have_count(2)
    await page.reload()
    await expect(page.locator("kefu-chat .user .bubble")).to_have_text("满多少包邮")
    await expect(page.locator("kefu-chat .assistant .bubble")).to_contain_text("包邮")
    await say(page, "谢谢")
    await expect(page.locator("kefu-chat .assistant")).to_have_count(2)


async def test_a_lost_connection_is_shown_and_loses_nothing(
    desktop: BrowserContext, service: Service
) -> None:
    page = await desktop.new_page()
    sockets: list[object] = []
    await page.route_web_socket(
        "**/v1/ws", lambda socket: sockets.append(socket.connect_to_server())
    )
    await page.goto(service.url)
    await expect(page.locator("kefu-chat .assistant")).to_have_count(1)
    await page.wait_for_function(
        "() => document.querySelector('kefu-chat').link?.socket.readyState === 1"
    )
    await page.evaluate(
        """() => {
          const link = document.querySelector("kefu-chat").link;
          link.tries = 3;
          link.socket.close();
        }"""
    )
    await expect(page.locator("kefu-chat .banner")).to_be_visible()
    await say(page, "几天能退货")
    await expect(page.locator("kefu-chat .banner")).to_be_hidden(timeout=15000)
    await expect(page.locator("kefu-chat .assistant .bubble").nth(1)).to_contain_text("7 天")


async def test_feedback_is_taken_and_shown_as_pressed(
    desktop: BrowserContext, service: Service
) -> None:
    page = await opened(desktop, service)
    await say(page, "满多少包邮")
    useful = page.locator("kefu-chat .assistant").nth(1).locator("button.useful")
    await useful.click()
    await expect(useful).to_have_attribute("aria-pressed", "true")


async def test_both_languages_are_complete(desktop: BrowserContext, service: Service) -> None:
    page = await opened(desktop, service)
    await expect(page.locator("kefu-chat .human")).to_have_text("转人工")
    await page.locator("kefu-chat .language").click()
    await expect(page.locator("kefu-chat .human")).to_have_text("Talk to a person")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    missing = await page.evaluate(
        """async () => {
          const { WORDS } = await import("/static/words.js");
          const names = (of) => Object.keys(WORDS[of]).sort().join();
          return names("zh") === names("en") ? "" : "the languages differ";
        }"""
    )
    assert missing == ""


async def test_a_phone_shows_everything_without_sideways_scrolling(
    phone: BrowserContext, service: Service
) -> None:
    page = await opened(phone, service)
    await say(page, WISHES)
    await expect(page.locator("kefu-chat .assistant")).to_have_count(2)
    await expect(page.locator("kefu-chat .human")).to_be_in_viewport()
    await expect(page.locator("kefu-chat .send")).to_be_in_viewport()
    width = await page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 390


async def test_the_page_works_by_keyboard_alone(desktop: BrowserContext, service: Service) -> None:
    page = await opened(desktop, service)
    await expect(page.locator("kefu-chat textarea")).to_be_focused()
    await page.keyboard.type("你好")
    await page.keyboard.press("Tab")
    await expect(page.locator("kefu-chat .send")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("kefu-chat .assistant")).to_have_count(2)


async def test_markup_in_a_message_stays_text(desktop: BrowserContext, service: Service) -> None:
    page = await opened(desktop, service)
    await say(page, "<img src=x onerror=alert(1)><b>订单</b>")
    await expect(page.locator("kefu-chat .user .bubble")).to_contain_text("<img src=x")
    assert await page.locator("kefu-chat .log img").count() == 0
