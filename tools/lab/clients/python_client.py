"""Request https://www.example.com/NAME/ once a second by a persistent Python client. Arguments: KIND NAME."""

import asyncio
import http.client
import socket
import ssl
import sys
import time
import urllib.request
from collections.abc import Callable

HOST = "www.example.com"
kind, name = sys.argv[1:]
URL = f"https://{HOST}/{name}/"


def forever(ask: Callable[[], object]) -> None:
    while True:
        try:
            ask()
        except Exception as error:
            print(repr(error), flush=True)
        time.sleep(1)


def by_http_client() -> None:
    connection = http.client.HTTPSConnection(HOST, timeout=10, context=ssl.create_default_context())

    def ask() -> None:
        try:
            connection.request("GET", f"/{name}/")
            connection.getresponse().read()
        except Exception:
            connection.close()
            raise

    forever(ask)


def by_requests() -> None:
    import requests

    session = requests.Session()
    session.verify = "/etc/ssl/certs/ca-certificates.crt"
    forever(lambda: session.get(URL, timeout=10))


def by_httpx() -> None:
    import httpx

    client = httpx.Client(verify=ssl.create_default_context())
    forever(lambda: client.get(URL, timeout=10))


def by_pycurl() -> None:
    import pycurl

    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, URL)
    handle.setopt(pycurl.TIMEOUT, 10)
    handle.setopt(pycurl.WRITEFUNCTION, lambda _: None)
    forever(handle.perform)


async def by_aiohttp() -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(URL, timeout=aiohttp.ClientTimeout(10)) as answer:
                    await answer.read()
            except Exception as error:
                print(repr(error), flush=True)
            await asyncio.sleep(1)


def by_getaddrinfo() -> None:
    """Resolve only; print time and address."""

    def ask() -> None:
        result = socket.getaddrinfo(HOST, 443, socket.AF_INET, socket.SOCK_STREAM)
        print(time.monotonic(), result[0][4][0], flush=True)

    forever(ask)


match kind:
    case "urllib":
        forever(lambda: urllib.request.urlopen(URL, timeout=10).read())
    case "http.client":
        by_http_client()
    case "requests":
        by_requests()
    case "httpx":
        by_httpx()
    case "pycurl":
        by_pycurl()
    case "aiohttp":
        asyncio.run(by_aiohttp())
    case "getaddrinfo":
        by_getaddrinfo()
