"""A headless Chromium, driven by chromedriver over plain HTTP (WebDriver).

Only this program's own browser, with a profile of its own that goes with it,
and nothing but file: URLs.
"""
import base64
import http.client
import json
import shutil
import socket
import subprocess
import time

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync",
             "--disable-default-apps", "--disable-extensions",
             "--disable-dev-shm-usage", "--hide-scrollbars",
             "--proxy-server=127.0.0.1:9", "--host-resolver-rules="
             "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
START_SECONDS = 20


def missing():
    """What has to be installed, or an empty list."""
    return [name for name in ("chromium", "chromedriver")
            if not shutil.which(name)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Browser:
    def __init__(self, profile):
        self.port = free_port()
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={self.port}", "--silent"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.session = None
        try:
            self.wait()
            self.open(profile)
        except BaseException:
            self.close()
            raise

    def wait(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                if self.ask("GET", "/status")["ready"]:
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("chromedriver does not answer")

    def open(self, profile):
        options = {"args": ARGUMENTS + [f"--user-data-dir={profile}"],
                   "binary": shutil.which("chromium")}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options,
                  "goog:loggingPrefs": {"browser": "ALL",
                                        "performance": "ALL"}}
        answer = self.ask("POST", "/session",
                          {"capabilities": {"alwaysMatch": wanted}})
        self.session = "/session/" + answer["sessionId"]

    def ask(self, method, path, body=None):
        http_ = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            http_.request(method, path,
                          None if body is None else json.dumps(body),
                          {"Content-Type": "application/json"})
            value = json.load(http_.getresponse())["value"]
        finally:
            http_.close()
        if isinstance(value, dict) and "error" in value:
            raise RuntimeError(value["error"] + ": " + value["message"])
        return value

    def go(self, url):
        self.ask("POST", self.session + "/url", {"url": url})

    def run(self, script, *args):
        """What a function body returns, run beside the page's own policy."""
        return self.ask("POST", self.session + "/execute/sync",
                        {"script": script, "args": list(args)})

    def tool(self, name, **params):
        return self.ask("POST", self.session + "/goog/cdp/execute",
                        {"cmd": name, "params": params})

    def log(self, kind):
        return self.ask("POST", self.session + "/se/log", {"type": kind})

    def look(self, width, height, scheme="light", medium="screen"):
        self.tool("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=False)
        self.tool("Emulation.setEmulatedMedia", media=medium,
                  features=[{"name": "prefers-color-scheme",
                             "value": scheme}])

    def shoot(self, path, width, height_max=4000):
        height = self.run("return document.documentElement.scrollHeight")
        shot = self.tool("Page.captureScreenshot", format="png",
                         captureBeyondViewport=True,
                         clip={"x": 0, "y": 0, "width": width, "scale": 1,
                               "height": min(height, height_max)})
        with open(path, "wb") as out:
            out.write(base64.b64decode(shot["data"]))

    def close(self):
        if self.session:
            try:
                self.ask("DELETE", self.session)
            except (OSError, RuntimeError):
                pass
        self.driver.terminate()
        self.driver.wait()
