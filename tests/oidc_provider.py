"""A real identity provider on loopback: django-oauth-toolkit, in a process of its own.

``python tests/oidc_provider.py FOLDER PORT CALLBACK``: a user, a confidential client, an RSA key, OpenID Connect.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER, PASSWORD = "li.na", "unit-password-1"
CLIENT, SECRET = "shuzhi", "client-secret-of-the-platform"


@contextmanager
def provider(folder: Path, callback: str) -> Iterator[tuple[str, str]]:
    """Run it; gives its issuer and the subject of its user.

    Parameters
    ----------
    folder : Path
        For its database.
    callback : str
        Where it may send people back to.
    """
    from tests.servers import free_port, wait_for

    port = free_port()
    process = subprocess.Popen([sys.executable, __file__, str(folder), str(port), callback])
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}/o", json.loads((folder / "subject.json").read_text())
    finally:
        process.terminate()
        process.wait(timeout=20)


def _configure(folder: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from django.conf import settings

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    settings.configure(
        SECRET_KEY=os.urandom(16).hex(),
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["127.0.0.1"],
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        (
                            "django.template.loaders.locmem.Loader",
                            {
                                "registration/login.html": '<form method="post" action="{{ request.get_full_path }}">'
                                "{% csrf_token %}{{ form }}</form>"
                            },
                        )
                    ]
                },
            }
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "provider.db")}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        LOGIN_URL="/login/",
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": key.decode(),
            "SCOPES": {"openid": "who you are"},
            "PKCE_REQUIRED": True,
        },
    )


def _fill(folder: Path, callback: str) -> None:
    """A user and the platform as a client; the user's subject is written down."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0)
    user = get_user_model().objects.create_user(USER, password=PASSWORD)
    Application.objects.create(
        client_id=CLIENT,
        client_secret=SECRET,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=callback,
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
    )
    (folder / "subject.json").write_text(json.dumps(str(user.pk)))


def _serve(port: int) -> None:
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_arguments) -> None:
            """Say nothing."""

    make_server("127.0.0.1", port, get_wsgi_application(), handler_class=Quiet).serve_forever()


def main(folder: Path, port: int, callback: str) -> None:
    """Set it up and serve until it is ended."""
    import django

    _configure(folder)
    django.setup()
    _fill(folder, callback)
    global urlpatterns
    from django.contrib.auth.views import LoginView
    from django.urls import include, path

    urlpatterns = [
        path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
        path("login/", LoginView.as_view()),
    ]
    _serve(port)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
