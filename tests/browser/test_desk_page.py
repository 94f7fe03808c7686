"""The agent desk in a real browser, with a customer on the other side."""

from __future__ import annotations

from playwright.async_api import BrowserContext, Page, expect

from serving import Service


async def signed_in(context: BrowserContext, service: Service) -> Page:
    page = await context.new_page()
    await page.goto(f"{service.url}/desk")
    await page.locator("input[name=token]").fill(service.desk_token)
    await page.locator("input[name=agent]").fill("小李")
    await page.keyboard.press("Enter")
    await expect(page.locator("nav")).to_be_visible()
    return page


async def customer(context: BrowserContext, service: Service) -> Page:
    page = await context.new_page()
    await page.goto(service.url)
    await expect(page.locator("kefu-chat .assistant")).to_have_count(1)
    return page


async def test_a_wrong_token_is_refused_with_a_reason(
    desktop: BrowserContext, service: Service
) -> None:
    page = await desktop.new_page()
    await page.goto(f"{service.url}/desk")
    await page.locator("input[name=token]").fill("wrong")
    await page.locator("input[name=agent]").fill("小李")
    await page.keyboard.press("Enter")
    await expect(page.locator("[role=alert]")).to_have_text("令牌不对，或已失效")


async def test_an_agent_takes_over_replies_live_and_gives_back(
    desktop: BrowserContext, service: Service
) -> None:
    chat = await customer(desktop, service)
    await chat.locator("kefu-chat .human").click()
    await expect(chat.locator("kefu-chat .assistant")).to_have_count(2)
    session = await chat.evaluate("() => document.querySelector('kefu-chat').memory.session")

    desk = await signed_in(desktop, service)
    await desk.locator("nav button", has_text=session[:18]).click()
    await expect(desk.locator(".line.user")).to_contain_text("转人工")
    await desk.locator("button.take").click()
    await expect(chat.locator("kefu-chat .notice", has_text="人工客服已接入")).to_be_visible()

    await desk.locator(".actions textarea").fill("您好,我是小李,马上帮您看")
    await desk.locator("button.reply").click()
    await expect(chat.locator("kefu-chat .agent .bubble")).to_have_text("您好,我是小李,马上帮您看")
    await expect(chat.locator("kefu-chat .agent .tag")).to_have_text("人工客服")

    await chat.locator("kefu-chat textarea").fill("好的,几天能退货")
    await chat.locator("kefu-chat textarea").press("Enter")
    await expect(desk.locator(".line.user").last).to_contain_text("几天能退货")
    await expect(chat.locator("kefu-chat .assistant")).to_have_count(2)

    await desk.locator("button.return").click()
    await expect(chat.locator("kefu-chat .notice", has_text="小助手继续")).to_be_visible()
    await chat.locator("kefu-chat textarea").fill("几天能退货")
    await chat.locator("kefu-chat textarea").press("Enter")
    await expect(chat.locator("kefu-chat .assistant")).to_have_count(3)


async def test_the_desk_shows_no_personal_data(desktop: BrowserContext, service: Service) -> None:
    chat = await customer(desktop, service)
    await chat.locator("kefu-chat textarea").fill("我电话13812345678,转人工")
    await chat.locator("kefu-chat textarea").press("Enter")
    await expect(chat.locator("kefu-chat .user .bubble")).to_contain_text("13812345678")
    await expect(chat.locator("kefu-chat .assistant")).to_have_count(2)
    session = await chat.evaluate("() => document.querySelector('kefu-chat').memory.session")
    desk = await signed_in(desktop, service)
    await desk.locator("nav button", has_text=session[:18]).click()
    await expect(desk.locator(".line.user")).to_contain_text("<PHONE_1>")
    assert "13812345678" not in await desk.content()
