//! The pages of callers in a real browser, in every language that has pages: with very large letters, on a small screen,
//! by day and by night, without a mouse (`usable.js`, run by `RealBrowser::picture`).

use crate::passkey::address;
use crate::webdriver::{Driver, RealBrowser};
use crate::{Demonstration, Folder};

/// The first made-up person of the demonstration, and an unused row of their card.
const NUMBER: &str = "A000-000-137";
const CODE: &str = "02 20460102";

/// A browser in a chat, in a language.
struct Caller<'d> {
    browser: RealBrowser<'d>,
    address: String,
    language: &'static str,
}

impl Caller<'_> {
    fn picture(&self, name: &str) {
        let name = format!("{}-{name}", self.language);
        // The pages are the same in every language; how long their words are is not.
        if self.language == "en" { self.browser.picture(&name) } else { self.browser.picture_narrow(&name) }
    }

    fn begin(&self) {
        self.browser.open(&format!("{}/{}", self.address, self.language));
        self.browser.press(&format!("button[name='begin'][value='{}']", self.language));
        self.browser.wait_for_one("[data-asks='reason']");
    }

    /// Presses a button and wants this question then.
    fn choose(&self, option: &str, asks: &str) {
        self.browser.press(&format!("button[value='{option}']"));
        self.browser.wait_for_one(&format!("[data-asks='{asks}']"));
    }

    fn send(&self, text: &str, asks: &str) {
        self.browser.type_in("#value", text);
        self.browser.press("form[action='/chat/answer'] button.first");
        self.browser.wait_for_one(&format!("[data-asks='{asks}']"));
    }

    /// From a page about the case to the second menu.
    fn back_to_more(&self) {
        self.browser.press("button[value='back']");
        self.browser.wait_for_one("button[value='more-choices']");
        self.choose("more-choices", "case-more");
    }

    /// Presses a button, wants this question then, and looks.
    fn look(&self, option: &str, asks: &str) {
        self.choose(option, asks);
        self.picture(asks);
    }
}

fn walk(language: &'static str) {
    let Some(driver) = Driver::start() else {
        eprintln!("SKIPPED: chromium and chromedriver are not installed (deploy/packages.txt); no page was looked at");
        return;
    };
    let folder = Folder::new(&format!("usable-{language}"));
    let line = Demonstration::start(&folder.0, &["--voice", "tape"]);
    let caller = Caller { browser: driver.browser(), address: address(&line), language };
    caller.browser.plug_in_key(true);
    without_a_case(&caller);
    with_a_case(&caller);
    when_something_does_not_work(&caller);
}

fn without_a_case(caller: &Caller<'_>) {
    let browser = &caller.browser;
    browser.open(&format!("{}/{}", caller.address, caller.language));
    caller.picture("public");
    browser.press("button[name='begin'][value='ask']");
    browser.wait_for_one("[data-asks='language']");
    caller.picture("language");
    caller.begin();
    caller.picture("start");
    caller.look("urgent", "urgent");
    caller.begin();
    caller.look("person", "no-person");
    caller.begin();
    caller.look("question", "question-words");
    caller.begin();
    caller.look("paper", "which-paper");
    browser.press("button[value='hearing-notice']");
    browser.wait_for_one("#month");
    caller.picture("date");
    caller.begin();
    caller.choose("more-choices", "more");
    caller.look("callback", "phone");
    caller.begin();
    caller.choose("more-choices", "more");
    caller.look("message", "message-words");
    caller.send("When do you open?", "anything-else");
    caller.picture("message-left");
    browser.press("button[value='goodbye']");
    browser.wait_for_one("main > .call");
    caller.picture("over");
}

fn with_a_case(caller: &Caller<'_>) {
    let browser = &caller.browser;
    caller.begin();
    caller.look("my-case", "receipt-or-number");
    caller.send(NUMBER, "code");
    caller.picture("code");
    caller.send(CODE, "case-next");
    browser.wait_for_one("[data-tells='hearing']");
    caller.picture("case");
    browser.press("a[href='/chat/keep']");
    browser.wait_for_one("form[data-passkey='create']");
    caller.picture("keep");
    browser.press("form[data-passkey] button");
    browser.wait_for_one("#code");
    caller.picture("keep-code");
    browser.open(&format!("{}/chat", caller.address));
    caller.look("more-choices", "case-more");
    caller.choose("who-opened", "case-next");
    caller.picture("openings");
    caller.back_to_more();
    caller.look("ticket", "ticket");
    caller.look("let-look", "desk");
    caller.send("111", "read-back");
    caller.picture("read-back");
    caller.look("yes", "no-such-desk");
    caller.back_to_more();
    caller.look("forget-me", "forget");
    caller.choose("yes", "anything-else");
    caller.picture("forgotten");
}

fn when_something_does_not_work(caller: &Caller<'_>) {
    let browser = &caller.browser;
    browser.open(&format!("{}/nothing", caller.address));
    caller.picture("not-found");
    browser.open(&format!("{}/chat", caller.address));
    browser.drop_cookies();
    browser.press("button[name='key'][value='repeat']");
    browser.wait_for_one("main > .call");
    caller.picture("refused");
}

/// A page with one thing wrong after the other, and what is found of each.
const HARD: &[(&str, &str)] = &[
    ("<input id='a'>", "no label: <input#a>"),
    ("<a href='/' tabindex='2'>on</a>", "an order of its own"),
    ("<a href='/'>on</a>", "pixels to press"),
    ("<button style='height:44px;width:90px'></button>", "no name: <button>"),
    ("<p style='color:%23aaa'>pale</p>", "contrast 2.3"),
    ("<p style='font-size:11px'>small</p>", "letters of 11 pixels"),
    ("<p style='width:4000px'>wide</p>", "wider than the screen"),
    ("<h3>third</h3>", "a level of headings is skipped"),
    ("<h1>again</h1>", "2 headings of the first level"),
    ("<i id='b'></i><i id='b'></i>", "an id is there twice"),
    ("<button style='height:44px;width:90px;outline:none'>go</button>", "no mark of the focus"),
    ("<p style='width:50px;white-space:nowrap;overflow:hidden'>a row too long</p>", "its words do not fit"),
];

#[test]
fn what_makes_a_page_hard_to_use_is_noticed() {
    let Some(driver) = Driver::start() else {
        eprintln!("SKIPPED: chromium and chromedriver are not installed (deploy/packages.txt); no page was looked at");
        return;
    };
    let browser = driver.browser();
    let page = |inside: &str| {
        browser.open(&format!(
            "data:text/html,<!doctype html><html lang='en' dir='ltr'><title>t</title><main><h1>h</h1>{inside}</main>"
        ));
        browser.hard_to_use()
    };
    assert_eq!(page("<p>words</p>"), [""; 0]);
    for (inside, wanted) in HARD {
        let found = page(inside);
        assert!(found.iter().any(|found| found.contains(wanted)), "{inside}: {found:?}");
    }
}

#[test]
fn slow_whoever_sees_little_or_uses_no_mouse_can_use_every_page_in_english() {
    walk("en");
}

#[test]
fn slow_whoever_sees_little_or_uses_no_mouse_can_use_every_page_in_spanish() {
    walk("es");
}

#[test]
fn slow_whoever_sees_little_or_uses_no_mouse_can_use_every_page_in_haitian_creole() {
    walk("ht");
}
