//! How many processes a load needs, and where more stop helping.

use super::*;

#[test]
fn it_says_how_many_processes_a_load_needs_and_where_more_stop_helping() {
    let fit = fit(measured(CHAT, &[1, 2, 4, 8])).unwrap();
    for n in 1..=13 {
        let needed = fit.processes_for(CHAT.at(f64::from(n)));
        assert_eq!(needed.processes, Some(n), "{needed}");
        assert!(!needed.is_extrapolated && !needed.is_lower_bound);
    }
    let most = fit.most().unwrap();
    // √(0.95 / 0.005) = 13.78
    assert_eq!(most.processes, Some(14));
    assert!(!most.is_extrapolated);
    let too_much = fit.processes_for(most.carry.unwrap() * 1.01);
    assert_eq!(too_much.processes, None);
    assert!(too_much.to_string().starts_with("No number of processes"));
}

#[test]
fn beyond_twice_what_was_measured_it_says_that_it_guesses() {
    let flat = Law {
        kappa: 0.0001,
        ..CHAT
    };
    let fit = fit(measured(flat, &[1, 2, 4])).unwrap();
    assert!(!fit.processes_for(flat.at(8.0)).is_extrapolated);
    let far = fit.processes_for(flat.at(9.0));
    assert_eq!(far.processes, Some(9));
    assert!(far.to_string().contains("more a guess"), "{far}");
    assert!(fit.most().unwrap().is_extrapolated);
}

#[test]
fn without_coherency_there_is_a_ceiling_and_no_peak() {
    let amdahl = Law { kappa: 0.0, ..CHAT };
    let fit = fit(measured(amdahl, &[1, 2, 4, 8])).unwrap();
    let most = fit.most().unwrap();
    // To rounding, κ is 0 or nearly so: then the peak is far beyond anything.
    assert!(most.processes.is_none_or(|n| n > 10_000), "{most}");
    assert!(near(most.carry.unwrap(), 20_000.0, 0.01), "{most}");
}

#[test]
fn two_sizes_are_a_line_and_an_upper_bound_only() {
    let fit = fit(points([(1, 900.0), (1, 1100.0), (3, 2500.0)])).unwrap();
    assert_eq!(
        fit.model,
        Model::Line {
            one: 1000.0,
            each: 750.0
        }
    );
    assert_eq!(fit.most(), None);
    let between = fit.processes_for(1700.0);
    assert_eq!(
        (between.processes, between.is_lower_bound),
        (Some(2), false)
    );
    let beyond = fit.processes_for(3000.0);
    assert_eq!((beyond.processes, beyond.is_lower_bound), (Some(4), true));
    assert!(beyond.to_string().contains("at least 4"), "{beyond}");
    assert!(fit.to_string().contains("no law"), "{fit}");
}
