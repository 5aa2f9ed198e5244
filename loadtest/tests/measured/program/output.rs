//! What the program writes and where.

use super::*;

/// As `… | head` does.
#[test]
fn who_reads_no_further_is_no_error() {
    let desk = Desk::new();
    let [a, b] = [desk.run("a", 1, 0, &[]), desk.run("b", 2, 0, &[])];
    for (code, args) in [
        (0, &["merge", &a, &b][..]),
        (0, &["merge", &a, &b, "--report", "json"]),
        (2, &["merge", &a, &a]),
    ] {
        let (nobody, stdout) = pipe().unwrap();
        drop(nobody);
        let stderr = stdout.try_clone().unwrap();
        let ended = program(args)
            .stdout(stdout)
            .stderr(stderr)
            .status()
            .unwrap();
        assert_eq!(ended.code(), Some(code), "{args:?}");
    }
}

/// Before anything is asked of anybody: nobody listens there.
#[test]
fn no_report_takes_the_place_of_the_people() {
    let folder = tempfile::tempdir().unwrap();
    let people = folder.path().join("people.json");
    let other = folder.path().join("other.json");
    std::fs::write(&people, "{}").unwrap();
    std::os::unix::fs::symlink(&people, &other).unwrap();
    let (at, people_told) = ("http://127.0.0.1:1", people.display().to_string());
    let dotted = format!("{}/./people.json", folder.path().display());
    for command in [
        &["run", at][..],
        &["capacity", at, "--slo", "lost == 0"],
        &["worker", at, "--locust", "127.0.0.1:1"],
    ] {
        for report in [&people_told, &dotted, &other.display().to_string()] {
            let report = format!("json={report}");
            let more = ["--accounts", &people_told, "--report", &report];
            let said = refused(&[command, &more].concat());
            let told = format!("would take the place of the people in --accounts {people_told}");
            assert!(said.contains(&told), "{said}");
        }
        let json = format!("json={people_told}");
        let more = [
            "--accounts",
            &other.display().to_string(),
            "--report",
            &json,
        ];
        assert!(refused(&[command, &more].concat()).contains("would take the place"));
    }
    assert_eq!(std::fs::read_to_string(&people).unwrap(), "{}");
    // Where there is no file yet, too.
    let new = folder.path().join("new.json").display().to_string();
    let same = format!("html={}/./new.json", folder.path().display());
    let said = refused(&["run", at, "--accounts", &new, "--report", &same]);
    assert!(said.contains("would take the place"), "{said}");
}

#[test]
fn a_file_takes_one_report() {
    let desk = Desk::new();
    let a = desk.run("a", 1, 0, &[]);
    let folder = desk.0.path().display();
    let html = format!("html={folder}/out");
    let json = format!("json={folder}/./out");
    let said = refused(&["merge", &a, &a, "--report", &html, "--report", &json]);
    let told = format!("two reports to {folder}/./out");
    assert!(said.contains(&told), "{said}");
    assert!(!desk.0.path().join("out").exists());
}
