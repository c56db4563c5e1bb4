#!/usr/bin/python3
"""A window of WebKitGTK with nothing around it, for its driver: of any size, and it keeps what fails in its pages.

Run by the system's own Python, which has the bindings. The environment says where its data is (WEBKIT_DATA), and
whether pages have scripts (WEBKIT_SCRIPTS).
"""

import os

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402 - which version must be said before

NAME, VERSION = "bellwire-window", (1, 0, 0)
KEEP = """{
    const keep = (kind, text) => { sessionStorage.faults = `${sessionStorage.faults ?? ""}${kind}: ${text}\\n` }
    addEventListener("error", (event) => keep("error", event.message ?? event.target.src ?? event.target.href), true)
    addEventListener("unhandledrejection", (event) => keep("rejection", event.reason?.stack ?? event.reason))
    const forbid = (event) => keep("policy", `${event.violatedDirective} ${event.blockedURI}`)
    document.addEventListener("securitypolicyviolation", forbid)
}"""

data = os.environ["WEBKIT_DATA"]
manager = WebKit2.WebsiteDataManager(base_data_directory=data, base_cache_directory=data)
context = WebKit2.WebContext.new_with_website_data_manager(manager)
context.set_automation_allowed(True)


def view(session):
    """Show the one window that the driver asks for."""
    settings = WebKit2.Settings(
        enable_page_cache=True,
        # The pages' own scripts; the driver's run in any case.
        enable_javascript_markup=os.environ["WEBKIT_SCRIPTS"] == "on",
    )
    content = WebKit2.UserContentManager()
    frames, start = WebKit2.UserContentInjectedFrames.TOP_FRAME, WebKit2.UserScriptInjectionTime.START
    content.add_script(WebKit2.UserScript.new(KEEP, frames, start, None, None))
    page = WebKit2.WebView(
        web_context=context, is_controlled_by_automation=True, settings=settings, user_content_manager=content
    )
    page.set_size_request(1, 1)
    window = Gtk.Window()
    window.add(page)
    window.move(0, 0)
    window.show_all()
    page.connect("close", lambda _: window.destroy())
    return page


def begin(_, session):
    """Say to the driver who this is, or it would end it."""
    about = WebKit2.ApplicationInfo()
    about.set_name(NAME)
    about.set_version(*VERSION)
    session.set_application_info(about)
    session.connect("create-web-view", view)


context.connect("automation-started", begin)
Gtk.main()
