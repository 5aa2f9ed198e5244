//! The page of a run, and that no form of its report does harm.

use super::*;

#[test]
fn the_page_needs_nothing_from_outside_and_draws_all_there_is() {
    let page = Format::Html.render(&failed());
    for outside in [
        "http-equiv",
        "<script",
        "<link",
        "<img",
        "src=",
        "url(",
        "@import",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    // Six charts, each for a desktop and for a phone.
    assert_eq!(page.matches("<svg class=\"chart ").count(), 12);
    assert!(page.contains("limit: delivery p99 &lt; 250ms"));
    assert_eq!(
        page.matches("class=\"flag\" d=\"M").count(),
        1 + 2 * 4,
        "four seconds of loss, and the key"
    );
    assert!(!Format::Html.render(&nothing()).contains("class=\"chart "));
}

/// At the end everybody leaves, which is no step down that anybody has to look into.
#[test]
fn the_chart_of_connections_ends_with_the_run() {
    let mut run = healthy();
    let chart = |run: Measurement| {
        let page = Format::Html.render(&report(run, LIMITS));
        let (_, chart) = page.split_once("<h3>Connections</h3>").unwrap();
        chart.split_once("</figure>").unwrap().0.to_owned()
    };
    let before = chart(run.clone());
    for at in 60..63 {
        run.seconds.push(Second {
            at,
            ..Second::default()
        });
    }
    assert_eq!(chart(run.clone()), before);
    run.seconds[40].connections = 150;
    assert_ne!(chart(run), before);
}

#[test]
fn nothing_that_comes_from_elsewhere_is_markup_or_moves_a_cursor() {
    for row in FORMATS {
        let text = row.format.render(&hostile());
        assert!(!text.is_empty());
        // JSON and Prometheus are for programs, which take a text as it is.
        let is_for_people = !matches!(row.format, Format::Json | Format::Prometheus);
        harm::none_comes_of(row.format, row.name, &text, is_for_people);
    }
}

/// `PAGES=/tmp cargo test -p chat-loadtest --test measured -- --ignored` writes every report into that folder.
#[test]
#[ignore = "for people who want to look at the reports"]
fn pages_to_look_at() {
    let folder = std::env::var_os("PAGES").map_or_else(std::env::temp_dir, PathBuf::from);
    for (name, report) in [
        ("passed", passed()),
        ("failed", failed()),
        ("invalid", useless()),
        ("hostile", hostile()),
    ] {
        for row in FORMATS {
            std::fs::write(
                folder.join(format!("{name}.{}", row.name)),
                row.format.render(&report),
            )
            .unwrap();
        }
    }
}
