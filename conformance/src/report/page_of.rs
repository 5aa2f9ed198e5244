//! A page of HTML where something else was due: its title tells more than its markup.

use crate::report::visible::on_one_line;

/// A text that quotes an error's page behind its status, short: what stands before it, and the page's title; then
/// the page. `None` where there is none. Of a success the page itself may be what was looked at.
pub(crate) fn titled(text: &str) -> Option<(String, String)> {
    // Only what ASCII has is made small, so that places stay where they are.
    let small = text.to_ascii_lowercase();
    let begins = ["<!doctype html", "<html"];
    let at = begins.iter().filter_map(|begin| small.find(begin)).min()?;
    let status = text[..at].split_whitespace().next_back()?;
    if !matches!(status.parse::<u16>(), Ok(400..600)) {
        return None;
    }
    let title = ["title", "h1"].iter().find_map(|tag| {
        let inside = small[at..].find(&format!("<{tag}"))? + at;
        let from = small[inside..].find('>')? + inside + 1;
        let to = small[from..].find("</")? + from;
        let title = text[from..to].trim();
        (!title.is_empty()).then(|| on_one_line(title, TITLE))
    });
    let page = match title {
        Some(title) => format!("(HTML page: {title})"),
        None => "(HTML page)".to_owned(),
    };
    Some((format!("{}{page}", &text[..at]), text[at..].to_owned()))
}

/// The same, without the page.
pub(crate) fn by_title(text: &str) -> String {
    titled(text).map_or_else(|| text.to_owned(), |(short, _)| short)
}

/// How many characters of a title are told.
const TITLE: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_by_its_title() {
        let page = "<!DOCTYPE html>\n<html><head><TITLE>Server Error (500)</TITLE></head>";
        let told = titled(&format!("500 {page}"));
        let short = "500 (HTML page: Server Error (500))".to_owned();
        assert_eq!(told, Some((short, page.to_owned())));
        assert_eq!(by_title("404 <html><p>no"), "404 (HTML page)");
        assert_eq!(by_title("500 <html><h1>é</h1>"), "500 (HTML page: é)");
        assert_eq!(titled("200 <html>"), None);
        assert_eq!(titled(r#"400 {"a": "<p>"}"#), None);
    }
}
