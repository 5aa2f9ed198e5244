//! What is no part of a run, or there already, is refused.

use super::*;

#[test]
fn what_is_no_part_of_the_run_is_refused() {
    let refused = |change: fn(&mut Measurement)| {
        let [a, mut b] = two();
        change(&mut b);
        merge(named([a, b])).unwrap_err().to_string()
    };
    assert_eq!(
        refused(|b| b.load.scenario = "rest".to_owned()),
        "w1.json and w2.json are not parts of one run: the scenario is \"live\" there and \"rest\" here"
    );
    assert!(refused(|b| b.load.seed = 1).contains("the seed is 42 there and 1 here"));
    assert!(refused(|b| b.targets[0] = "http://c".to_owned()).contains("the set of targets"));
    assert!(refused(|b| b.load.pace = Pace::Silent).contains("the pace"));
    assert!(refused(|b| b.began = "noon".to_owned()).contains("w2.json: `noon` is no time"));
    assert_eq!(merge(Vec::new()), Err(MergeError::Nothing));
}

#[test]
fn the_same_run_counts_once_under_whatever_name() {
    let [a, b] = two();
    let twice = |parts| matches!(merge(parts), Err(MergeError::Twice(..)));
    assert!(twice(named([a.clone(), a.clone()])));
    // What a master had heard of it, and what it wrote itself.
    let mut so_far = a.clone();
    so_far.tally = b.tally.clone();
    assert!(twice(named([so_far, a.clone()])));

    let whole = merge(named([a.clone(), b])).unwrap();
    assert!(twice(vec![
        ("all.json".into(), whole),
        ("w1.json".into(), a)
    ]));
}
