"""Accounts in a browser: a passkey, and the pages of accounts without barriers."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from messaging.accounts.demo import PASSWORD
from tests.browser.pages import fresh_name, sign_in, sign_out
from tests.browser.test_accessibility import expect_no_barriers
from tests.live.stack import Stack

People = Callable[..., Page]


def with_a_finger(page: Page) -> None:
    """Give the page's browser a reader of fingers, on which the right one always lies."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.chromium_only("no other browser has a reader of fingers for tests")
def test_a_passkey_signs_in_without_a_password(person: People, stack: Stack) -> None:
    # Browsers know no passkeys for a bare address.
    page = person(site=stack.url.replace("127.0.0.1", "localhost"))
    name = fresh_name("pat").replace(" ", "")
    page.goto("/accounts/signup/")
    page.get_by_label("Username").fill(name)
    for label in ("Password", "Password (again)"):
        page.get_by_label(label, exact=True).fill(PASSWORD[::-1])
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("navigation", name="Account")).to_be_visible()

    with_a_finger(page)
    page.goto("/accounts/second-factor/keys/new/")
    page.get_by_label("Password").fill(PASSWORD[::-1])
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Sign in with it alone").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("signs you in alone")).to_be_visible()

    sign_out(page)
    page.get_by_role("button", name="Use a passkey", exact=True).click()
    expect(page.get_by_role("navigation", name="Account")).to_be_visible()
    expect(page.get_by_text(f"@{name}")).to_be_attached()

    sign_out(page)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD[::-1])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use a passkey or security key").click()
    expect(page.get_by_role("navigation", name="Account")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_accounts_have_no_barriers(person: People, scheme: str) -> None:
    stranger, alice = person(color_scheme=scheme), person("alice", color_scheme=scheme)
    for address in ("signup/", "signup/gone/", "password_reset/", "reset/1-x/"):
        stranger.goto(f"/accounts/{address}")
        expect_no_barriers(stranger)
    alice.goto("/accounts/second-factor/app/")
    if alice.get_by_label("Password").is_visible():
        expect_no_barriers(alice)
        alice.get_by_label("Password").fill(PASSWORD)
        alice.get_by_role("button", name="Go on").click()
    expect(alice.get_by_role("heading", name="Authenticator app")).to_be_visible()
    expect_no_barriers(alice)
    for address in ("profile", "email", "devices", "invitations", "second-factor", "password_change"):
        alice.goto(f"/accounts/{address}/")
        expect_no_barriers(alice)


def test_who_has_no_passkey_is_told(person: People) -> None:
    page = person()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("That did not work. Try again, or another way.")
    sign_in(page, "carol")
