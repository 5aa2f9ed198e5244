//! The knee of a curve is where its times leave their floor.

use super::*;

#[test]
fn the_knee_is_where_the_times_leave_their_floor() {
    let mut server = Server::with_knee(1000.0);
    let limits = Limits {
        start: 100.0,
        ..Limits::default()
    };
    let (finding, _) = found(limits, &mut server);
    let knee = finding.knee.unwrap();
    assert!((500.0..=960.0).contains(&knee.load), "{knee:?}");
    assert!(knee.p99_us < 5 * knee.floor_us, "{knee:?}");
}

/// The last load before the limit may lie farthest below the diagonal, long after the floor was left.
#[test]
fn a_knee_is_where_the_floor_is_left_and_not_where_the_limit_is_near() {
    let seen = [
        (50.0, 5_700),
        (3_200.0, 15_700),
        (6_400.0, 37_900),
        (9_051.0, 176_000),
        (12_260.0, 187_000),
        (12_800.0, 621_000),
    ];
    let curve: Vec<Point> = seen.map(point).into();
    let knee = capacity::knee(&curve, Some(12_800.0)).unwrap();
    assert!((3_200.0..=6_400.0).contains(&knee.load), "{knee:?}");
    assert_eq!(knee.floor_us, 5_700);
}

/// A search asks low loads close together; what noise does there is no knee.
#[test]
fn a_knee_is_not_where_low_loads_differ_by_noise() {
    let seen = [
        (50.0, 1_980),
        (100.0, 3_120),
        (200.0, 1_530),
        (400.0, 1_590),
        (800.0, 3_510),
        (1_600.0, 4_660),
        (3_200.0, 7_490),
        (6_400.0, 11_700),
        (12_800.0, 16_200),
        (25_600.0, 113_000),
        (29_150.0, 448_000),
    ];
    let curve: Vec<Point> = seen.map(point).into();
    let knee = capacity::knee(&curve, Some(29_150.0)).unwrap();
    assert!((6_400.0..=12_800.0).contains(&knee.load), "{knee:?}");
}

fn point((load, p99_us): (f64, u64)) -> Point {
    Point {
        load,
        achieved: load,
        deliveries: load,
        p50_us: None,
        p99_us: Some(p99_us),
        lost: 0,
        servers: Vec::new(),
        outcome: Outcome::Met,
    }
}
