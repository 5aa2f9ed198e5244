//! Chromium by the WebDriver protocol (W3C): just what a story of the page needs.

use std::time::Duration;

use chat_fixtures::client::{Ask, Client};
use chat_fixtures::launch::{Program, Server};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A running chromedriver. Dropping it ends it and its windows.
pub(crate) struct Browser {
    driver: Server,
}

/// One window of a Chromium with its own profile: nobody else's cookies.
pub(crate) struct Window {
    client: Client,
    session: String,
    _profile: TempDir,
}

impl Browser {
    pub(crate) async fn start() -> Self {
        let driver = Program::new("chromedriver")
            .args(["--port={port}"])
            .ready_when_answering("/status")
            .start()
            .await
            .unwrap_or_else(|reason| panic!("{MISSING} ({reason})"));
        Self { driver }
    }

    /// Opens a window of this width and height in CSS pixels; below 500 it is a phone's.
    pub(crate) async fn window(&self, width: u32, height: u32) -> Window {
        let client = Client::new(self.driver.url()).unwrap();
        let profile = tempfile::tempdir().unwrap();
        let mut flags = CHROMIUM_FLAGS.map(str::to_owned).to_vec();
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            // A search waits this long for its element, so that no test has to sleep.
            "timeouts": {"implicit": PATIENCE.as_millis(), "script": PATIENCE.as_millis()},
            "goog:chromeOptions": {"args": flags},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let answer = client
            .ask(
                Ask::new("POST", "/session")
                    .json(&capabilities)
                    .within(STARTUP),
            )
            .await
            .unwrap();
        let answer = answer.json().unwrap();
        let Some(id) = answer["value"]["sessionId"].as_str() else {
            let reason = answer["value"]["message"].as_str().unwrap_or_default();
            panic!("{MISSING} ({})", reason.lines().next().unwrap_or_default());
        };
        let window = Window {
            client,
            session: format!("/session/{id}"),
            _profile: profile,
        };
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        let command = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics});
        window.post("/goog/cdp/execute", &command).await;
        window
    }
}

impl Window {
    pub(crate) async fn opens(&self, url: &str) {
        self.post("/url", &json!({"url": url})).await;
    }

    /// Waits until something matches, a CSS selector or an XPath, and returns the first that does.
    pub(crate) async fn finds(&self, selector: &str) -> String {
        let using = if selector.starts_with('/') {
            "xpath"
        } else {
            "css selector"
        };
        let found = self
            .post("/element", &json!({"using": using, "value": selector}))
            .await;
        // Its one key is a constant of the standard.
        let id = found
            .as_object()
            .and_then(|element| element.values().next());
        id.and_then(Value::as_str).unwrap().to_owned()
    }

    pub(crate) async fn clicks(&self, selector: &str) {
        let element = self.finds(selector).await;
        self.post(&format!("/element/{element}/click"), &json!({}))
            .await;
    }

    pub(crate) async fn types(&self, selector: &str, keys: &str) {
        let element = self.finds(selector).await;
        self.post(&format!("/element/{element}/value"), &json!({"text": keys}))
            .await;
    }

    /// What is shown of the first that matches.
    pub(crate) async fn reads(&self, selector: &str) -> String {
        let element = self.finds(selector).await;
        let text = self.get(&format!("/element/{element}/text")).await;
        text.as_str().unwrap().to_owned()
    }

    /// Runs a function body in the page, at once.
    pub(crate) async fn runs(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
            .await
    }

    /// How many elements match now; a CSS selector.
    pub(crate) async fn count(&self, selector: &str) -> u64 {
        let count = self
            .runs(&format!(
                "return document.querySelectorAll({}).length",
                json!(selector)
            ))
            .await;
        count.as_u64().unwrap()
    }

    /// The page's cookies, HttpOnly ones too: name, value.
    pub(crate) async fn cookies(&self) -> Vec<(String, String)> {
        let cookies = self.get("/cookie").await;
        let text = |cookie: &Value, field: &str| cookie[field].as_str().unwrap().to_owned();
        cookies
            .as_array()
            .unwrap()
            .iter()
            .map(|each| (text(each, "name"), text(each, "value")))
            .collect()
    }

    /// What the browser wrote to its console since it was last asked.
    pub(crate) async fn console(&self) -> Vec<String> {
        let entries = self.post("/se/log", &json!({"type": "browser"})).await;
        entries
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["message"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) async fn closes(self) {
        self.client
            .ask(Ask::new("DELETE", &self.session))
            .await
            .unwrap();
    }

    async fn post(&self, command: &str, body: &Value) -> Value {
        let ask = Ask::new("POST", &format!("{}{command}", self.session)).json(body);
        self.asks(ask, &format!("{command} {body}")).await
    }

    async fn get(&self, command: &str) -> Value {
        self.asks(
            Ask::new("GET", &format!("{}{command}", self.session)),
            command,
        )
        .await
    }

    async fn asks(&self, ask: Ask, what: &str) -> Value {
        let answer = self.client.ask(ask.within(PATIENCE * 2)).await.unwrap();
        let body = answer.json().unwrap();
        if answer.status == 200 {
            return body["value"].clone();
        }
        let page = json!({"script": "return document.body.innerText", "args": []});
        let page = self
            .client
            .post(&format!("{}/execute/sync", self.session), &page)
            .await
            .unwrap()
            .json()
            .unwrap();
        let page = page["value"].as_str().unwrap_or_default();
        panic!(
            "{what}: {}\nThe page shows:\n{page}",
            body["value"]["message"].as_str().unwrap_or_default()
        );
    }
}

/// What to do when there is no browser; a test of the page without one would say nothing.
const MISSING: &str = "the browser test needs Chromium: apt-get install chromium chromium-driver";
const PATIENCE: Duration = Duration::from_secs(15);
const STARTUP: Duration = Duration::from_secs(60);
const CHROMIUM_FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];
