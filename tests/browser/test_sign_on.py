"""Sign-on by a provider that the environment names, in a browser that heeds the content security policy."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.docs import example
from tests.live.provider import provider
from tests.live.stack import Stack, common, copy_code, made_once


def test_one_signs_in_at_the_provider(
    person: Callable[..., Page], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    code = made_once(common(tmp_path_factory) / "bellwire", lambda path: example.install(copy_code(path)))
    with provider() as url:
        acme = {"OIDC_URL": url, "OIDC_CLIENT_ID": "bellwire", "OIDC_SECRET": "s3cret", "OIDC_NAME": "Acme"}
        with Stack(code, tmp_path / "state", **acme, **example.ENVIRONMENT) as stack:
            page = person(site=stack.url)
            page.goto("/accounts/login/?next=/accounts/profile/")
            page.get_by_role("button", name="Go on with Acme").click()
            page.get_by_role("button", name="1", exact=True).click()
            expect(page.get_by_text("You sign in as olga.")).to_be_visible()
