"""A browser without a screen: cookies, forms, and the headers that say from where a request comes."""

import re
from html import unescape

import requests

NAVIGATION = {"accept": "text/html", "sec-fetch-site": "none"}


class Browser:
    """Somebody's browser at a server.

    Parameters
    ----------
    server : str
        Its address.
    **headers
        What every request says beside the usual.
    """

    def __init__(self, server: str, **headers: str):
        self.server, self.page = server, None
        self.session = requests.Session()
        self.session.headers.update(NAVIGATION | {name.replace("_", "-"): text for name, text in headers.items()})

    @property
    def cookie(self) -> str | None:
        """Token of the session."""
        return self.session.cookies.get("shuzhi_session")

    def open(self, path: str, follow: bool = True) -> requests.Response:
        """Open an address; its forms can be sent then."""
        self.page = self.session.get(self.server + path, allow_redirects=follow, timeout=60)
        return self.page

    def hidden(self, action: str) -> dict[str, str]:
        """Hidden fields of the form of the page that is sent to the action."""
        for start, inside in re.findall(r"<form\b([^>]*)>(.*?)</form>", self.page.text, re.DOTALL):
            if f'action="{action}' in start:
                fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', inside)
                return {name: unescape(value) for name, value in fields}
        raise AssertionError(f"no form for {action} on {self.page.url}: {self.page.text[:2000]}")

    def send(self, action: str, fields: dict | None = None, headers: dict | None = None, **given) -> requests.Response:
        """Send the form of the page to its action; redirects are not followed."""
        body = (self.hidden(action) if fields is None else fields) | given
        said = {"origin": self.server, "sec-fetch-site": "same-origin"} if headers is None else headers
        return self.session.post(
            self.server + action, body, headers={"sec-fetch-site": None, **said}, allow_redirects=False, timeout=60
        )

    def sign_in(self, login: str, password: str, code: str = "", **given) -> requests.Response:
        """Open the sign-in and send it."""
        self.open("/sign-in")
        return self.send("/sign-in", login=login, password=password, code=code, **given)


def text(page: requests.Response) -> str:
    """What a page says, without tags."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)))
