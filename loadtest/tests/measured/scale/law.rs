//! The law's parameters come back, with their errors.

use super::*;

#[test]
fn without_noise_the_parameters_come_back() {
    let fit = fit(measured(CHAT, &[1, 2, 4, 8, 16])).unwrap();
    let (law, errors, r_squared, residual) = law_of(&fit);
    assert!(near(law.lambda, 1000.0, 1e-6), "{law:?}");
    assert!(near(law.sigma, 0.05, 1e-6), "{law:?}");
    assert!(near(law.kappa, 0.005, 1e-6), "{law:?}");
    assert!(r_squared > 0.999_999 && residual < 1e-6);
    assert!(errors.unwrap().kappa.unwrap() < 1e-6);
    assert!(fit.remarks.is_empty());
}

#[test]
fn with_noise_the_parameters_are_within_their_errors() {
    let mut within = 0;
    for seed in 0..100 {
        let mut random = SmallRng::seed_from_u64(seed);
        let sizes = [1, 1, 2, 2, 4, 4, 8, 8, 16, 16];
        let noisy = sizes.map(|n: u32| {
            let noise = 1.0 + 0.03 * random.random_range(-1.0..=1.0);
            (n, CHAT.at(f64::from(n)) * noise)
        });
        let fit = fit(points(noisy)).unwrap();
        let (law, errors, ..) = law_of(&fit);
        assert!(near(law.lambda, CHAT.lambda, 0.06), "{law:?}");
        assert!((law.sigma - CHAT.sigma).abs() < 0.03, "{law:?}");
        assert!((law.kappa - CHAT.kappa).abs() < 0.003, "{law:?}");
        // Where it is held at its bound it has no error.
        let of_kappa = errors.unwrap().kappa;
        let is_within = |error| (law.kappa - CHAT.kappa).abs() <= 2.4 * error;
        within += u32::from(of_kappa.is_none_or(is_within));
    }
    // 2.4 is the 95 % quantile of Student's t with seven degrees of freedom.
    assert!((88..=100).contains(&within), "{within} of 100");
}

#[test]
fn what_scales_better_than_linearly_is_held_at_the_bounds() {
    let fit = fit(points([(1, 100.0), (2, 210.0), (4, 440.0), (8, 900.0)])).unwrap();
    let (law, errors, ..) = law_of(&fit);
    assert_eq!((law.sigma, law.kappa), (0.0, 0.0));
    assert_eq!(errors.unwrap().sigma, None);
    let most = fit.most().unwrap();
    assert_eq!((most.processes, most.carry), (None, None));
    assert!(fit.to_string().contains("at its bound"), "{fit}");
}

#[test]
fn three_points_fit_without_errors_and_say_so() {
    let fit = fit(measured(CHAT, &[1, 2, 4])).unwrap();
    let (law, errors, ..) = law_of(&fit);
    assert!(near(law.kappa, CHAT.kappa, 1e-6));
    assert_eq!(errors, None);
    assert!(fit.remarks[0].contains("no error to estimate"), "{fit}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// Whatever the law: its parameters come back, and its answers are the fewest that carry the load.
    #[test]
    fn every_law_comes_back(lambda in 1_f64..1e5, sigma in 0.001_f64..0.5, kappa in 0.0001_f64..0.05, load in 0.01_f64..30.0) {
        let law = Law { lambda, sigma, kappa };
        let fit = fit(measured(law, &[1, 2, 3, 4, 6, 8])).unwrap();
        let (found, ..) = law_of(&fit);
        prop_assert!(near(found.lambda, lambda, 1e-4), "{:?}", found);
        prop_assert!(near(found.sigma, sigma, 1e-3), "{:?}", found);
        prop_assert!(near(found.kappa, kappa, 1e-3), "{:?}", found);
        let needed = fit.processes_for(load * lambda);
        if let Some(n) = needed.processes {
            prop_assert!(fit.capacity_of(n) >= load * lambda * 0.999_999);
            prop_assert!(n == 1 || fit.capacity_of(n - 1) < load * lambda);
        } else if let Some(most) = fit.most() {
            prop_assert!(most.carry.unwrap() < load * lambda * 1.000_001);
        }
    }
}
