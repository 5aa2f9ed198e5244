//! Records are compared, merged, put on a curve, or refused in a sentence.

use super::*;

#[test]
fn a_run_is_compared_once_in_however_many_files() {
    let desk = Desk::new();
    let [a, b] = [desk.run("a", 1, 0, &[]), desk.run("b", 2, 0, &[])];
    let copy = desk.path("copy");
    std::fs::copy(&a, &copy).unwrap();
    let copy = copy.display().to_string();
    for twin in [&a, &copy] {
        let said = refused(&["compare", "--before", &a, twin, "--after", &b, &b]);
        let told = "run 1 of those before and run 2 of those before are the same run";
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn what_was_lost_is_worse_in_runs_of_a_second() {
    let desk = Desk::new();
    let [a, b, c] = [("a", 1, 0), ("b", 2, 300), ("c", 3, 0)]
        .map(|(name, id, lost)| desk.run(name, id, lost, &[]));
    let worse = ends(&["compare", &a, &b], 1);
    let text = String::from_utf8(worse.stdout).unwrap();
    assert!(text.starts_with("Worse: lost."), "{text}");
    assert!(text.contains("23.1 %"), "as run tells it: {text}");
    assert!(text.contains("it takes 10 measured seconds"), "{text}");

    let said = refused(&["compare", &a, &c]);
    assert!(said.contains("10 measured seconds at least"), "{said}");
}

/// As `compare … | head` does.
#[test]
fn who_reads_no_further_has_the_verdict_all_the_same() {
    let desk = Desk::new();
    let [a, b] = [desk.run("a", 1, 0, &[]), desk.run("b", 2, 300, &[])];
    let (nobody, stdout) = pipe().unwrap();
    drop(nobody);
    let output = program(&["compare", &a, &b]).stdout(stdout).output();
    let output = output.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), said.as_str()), (Some(1), ""));
}

#[test]
fn a_comparison_has_colour_where_that_is_wished() {
    let desk = Desk::new();
    let [a, b] = [desk.run("a", 1, 0, &[]), desk.run("b", 2, 300, &[])];
    let coloured = |when| {
        let output = ends(&["compare", &a, &b, "--color", when], 1);
        output.stdout.contains(&b'\x1b')
    };
    assert!(coloured("always"));
    assert!(!coloured("never") && !coloured("auto"));
}

#[test]
fn a_difference_that_matters_is_in_percent() {
    for relevant in ["1e9", "100", "-5"] {
        let relevant = format!("--relevant={relevant}");
        let said = refused(&["compare", "a.json", "b.json", &relevant]);
        assert!(said.contains("percent from 0 to less than 100"), "{said}");
    }
}

#[test]
fn what_the_parts_had_to_keep_to_the_whole_has_to() {
    let desk = Desk::new();
    let [a, b] = [
        desk.run("a", 1, 0, &["lost == 0"]),
        desk.run("b", 2, 300, &["lost == 0", "delivery p99 < 1s"]),
    ];
    let merged = desk.path("merged").display().to_string();
    let report = format!("json={merged}");
    let output = ends(&["merge", &a, &b, "--report", &report], 1);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("1 of 4 limits that were set is missed"),
        "{text}"
    );

    // And on: the merged record has them, and one record will do.
    let more = ["--threshold", "sent > 0"];
    let output = ends(&[&["merge", &merged][..], &more].concat(), 1);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("1 of 5 limits that were set is missed"),
        "{text}"
    );
}

#[test]
fn what_is_wrong_with_a_file_is_said_once() {
    let desk = Desk::new();
    let path = desk.path("broken");
    std::fs::write(&path, "{").unwrap();
    let path = path.display().to_string();
    let said = refused(&["merge", &path]);
    let told = format!("chat-loadtest: {path}:1: this is no JSON: EOF while parsing an object");
    assert!(said.starts_with(&told), "{said}");
    assert_eq!(said.matches("EOF").count(), 1, "{said}");
}

#[test]
fn only_searches_of_one_question_are_put_on_a_curve() {
    let desk = Desk::new();
    let searches = [1, 2, 4].map(|n| desk.search(&format!("{n}"), n, "lost == 0"));
    let [one, two, four] = searches.each_ref().map(String::as_str);
    let output = ends(&["scale", one, two, four, "--load", "2500/s"], 0);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Universal Scalability Law"), "{text}");

    let run = desk.run("run", 1, 0, &[]);
    let said = refused(&["scale", one, two, &run]);
    let told = "this is the report of a run; expected the JSON report of a capacity search";
    assert!(said.contains(told), "{said}");

    let lenient = desk.search("lenient", 4, "lost < 9");
    let said = refused(&["scale", one, &lenient]);
    let told = r#"the set of limits is ["lost == 0"] there and ["lost < 9"] here"#;
    assert!(said.contains(&lenient) && said.contains(told), "{said}");

    let said = refused(&["scale", one, two, one]);
    assert!(
        said.contains("are the same search: each counts once"),
        "{said}"
    );
}
