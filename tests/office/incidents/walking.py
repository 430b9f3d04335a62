"""One signed-in person in a real Chromium, moved by keys: what the walks of the duty desk share."""

from __future__ import annotations

from tests.office.browsing import shot


class Person:
    """One signed-in person's page, moved by keys; pictures where they are asked for, and no page may overflow."""

    def __init__(self, browser, server, client) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=server.url)
        cookie = next(iter(client.cookies.values()))
        self.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])
        self.context.route("**/live/**", lambda route: route.abort())  # the test server would hold the stream
        self.page = self.context.new_page()
        self.page.set_default_timeout(120_000)  # the first page of a test compiles every plan
        self.wrong: list[str] = []
        self.pictured = False  # a picture of the whole page puts a style of its own into it
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def _heard(self, message) -> None:
        if "Content Security Policy" in message.text and not self.pictured:
            self.wrong.append(message.text)

    def go(self, address: str):
        self.page.goto(address, wait_until="domcontentloaded")
        return self.page

    def shot(self, name: str) -> None:
        self.pictured = True
        self.wrong += shot(self.page, name)
        self.pictured = False

    def key(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def leave(self, key: str) -> None:
        """A key that leads to another page."""
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.keyboard.press(key)

    def fill(self, form, values: dict[str, str], prefix: str = "f-") -> None:
        for fold in form.locator("details").all():
            fold.evaluate("fold => { fold.open = true }")
        for name, value in values.items():
            field = (
                name
                if prefix == "f-" and name in ("note", "on_behalf_of", "occurred_at", "source")
                else f"{prefix}{name}"
            )
            control = form.locator(f"[name='{field}']")
            kind = control.first.get_attribute("type")
            if kind in ("radio", "checkbox"):
                for one in value.split("、"):
                    form.locator(f"[name='{field}'][value='{one}']").check()
            elif control.first.evaluate("e => e.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)

    def act(self, action: str, *, refused: bool = False, **values: str) -> None:
        """Open an act of the page by its address, fill it, send it with Ctrl+Enter. refused: it is not taken."""
        self.go(f"{self.page.url.partition('?')[0].partition('#')[0]}?do={action}")
        form = self.page.locator(f"[id='act-{action}'] > form")
        self.fill(form, values)
        form.locator("textarea[name=note]").focus()
        self.leave("Control+Enter")
        errors = self.page.locator(".errors")
        assert bool(errors.count()) is refused, errors.all_inner_texts()


def call(who: Person, text: str, plan: str, **facts: str) -> None:
    """From the list to an open incident: n, the words, Alt+1 ticks, Alt+F takes over what was read, Ctrl+Enter opens.

    facts: what the plan's own form asks beside what was read.
    """
    who.go("/incidents/")
    who.leave("n")
    who.page.keyboard.type(text)
    who.page.wait_for_selector(f"#plans .why, #plans [value='{plan}']")
    who.page.wait_for_function("() => document.querySelector('#plans .plan .why')")
    with who.page.expect_response("**/new/forms/"):
        who.key("Alt+1")
    who.page.wait_for_selector("#forms .plan-form")
    who.page.wait_for_function("() => document.querySelectorAll('#readings .reading').length > 1")
    who.shot(f"{plan.partition('/')[2].partition(':')[0]}-01-call")
    with who.page.expect_response("**/new/proposal/"):
        who.key("Alt+f")
    who.shot(f"{plan.partition('/')[2].partition(':')[0]}-02-filled")
    own = who.page.locator("#forms .plan-form")
    who.fill(own, facts, prefix=f"{plan}~f-")
    who.page.locator("#text").focus()
    who.leave("Control+Enter")
    assert not who.page.locator(".errors").count(), who.page.locator(".errors").inner_text()


def by_hand(who: Person, procedure: str, **facts: str) -> None:
    """From the list of what may be opened to an open matter."""
    who.go(f"/cases/new/?procedure={procedure}")
    form = who.page.locator("form:has(textarea[name=note])")
    who.fill(form, facts)
    form.get_by_role("button", name="开立").focus()
    who.leave("Enter")
    assert not who.page.locator(".errors").count(), who.page.locator(".errors").inner_text()
