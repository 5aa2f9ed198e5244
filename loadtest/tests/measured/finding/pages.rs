//! The page of a search, and that no form of its report does harm.

use super::*;

#[test]
fn the_page_marks_knee_limit_and_capacity_and_needs_nothing_from_outside() {
    let page = Format::Html.render_search(&found()).unwrap();
    assert_eq!(page.matches("<figure").count(), 2);
    for told in [
        ">knee ",
        ">capacity ",
        "limit: delivery p99 &lt; 250ms",
        "the answer",
    ] {
        assert!(page.contains(told), "{told} is not in the page");
    }
    assert_eq!(
        page.matches("<th scope=\"row\"").count(),
        found().finding.curve.len(),
        "every probe has its row"
    );
    for outside in ["http://www", "https://", "src=", "href=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    let bound = Format::Html.render_search(&device_broke()).unwrap();
    assert!(bound.contains(">at least ") && !bound.contains(">capacity "));
}

#[test]
fn nothing_that_comes_from_elsewhere_is_markup_or_moves_a_cursor() {
    for row in FORMATS {
        let Some(text) = row.format.render_search(&hostile()) else {
            assert!(matches!(row.format, Format::Hdr | Format::Prometheus));
            continue;
        };
        harm::none_comes_of(row.format, row.name, &text, row.format != Format::Json);
    }
}

/// `PAGES=/tmp cargo test -p chat-loadtest --test measured -- --ignored` writes every report into that folder.
#[test]
#[ignore = "for people who want to look at the reports"]
fn pages_to_look_at() {
    let folder = std::env::var_os("PAGES").map_or_else(std::env::temp_dir, PathBuf::from);
    for (name, report) in all() {
        for row in FORMATS {
            if let Some(text) = row.format.render_search(&report) {
                std::fs::write(folder.join(format!("search-{name}.{}", row.name)), text).unwrap();
            }
        }
    }
}
