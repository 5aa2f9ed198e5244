//! What the whole says of its parts.

use super::*;

#[test]
fn loads_and_devices_add_up_and_every_worker_is_named() {
    let [mut a, mut b] = two();
    for (part, cpu_s, busiest) in [(&mut a, 10.0, 0.5), (&mut b, 20.0, 0.7)] {
        part.device = Device {
            threads: 2,
            cpu_s,
            busiest,
            memory: 1000,
            connections: 200,
            machine: "a box".to_owned(),
            ..Device::default()
        };
        part.device.goose.users = 20;
        part.device.goose.requests.insert("GET /".to_owned(), 3);
    }
    let whole = merge(named([a, b])).unwrap();

    assert_eq!(whole.load.rooms, 40);
    assert_eq!(whole.load.pace, Pace::Fixed { per_second: 200.0 });
    assert_eq!(whole.measured_s, 60.0);
    let device = &whole.device;
    assert_eq!(
        (device.threads, device.memory, device.connections),
        (4, 2000, 400)
    );
    assert_eq!((device.cpu_s, device.busiest), (30.0, 0.7));
    assert_eq!(device.machine, "a box");
    assert_eq!(
        (device.goose.users, device.goose.requests["GET /"]),
        (40, 6)
    );
    let workers: Vec<_> = whole
        .workers
        .iter()
        .map(|w| (w.name.as_str(), w.sent))
        .collect();
    assert_eq!(workers, [("w1.json", 2), ("w2.json", 1)]);
}

#[test]
fn one_invalid_device_makes_the_whole_invalid_by_its_name() {
    let [a, mut b] = two();
    b.device.invalid.push("sent 40 ms late".to_owned());
    let whole = merge(named([a, b])).unwrap();
    assert!(!whole.is_valid());
    assert_eq!(whole.device.invalid, ["w2.json: sent 40 ms late"]);
}

#[test]
fn targets_in_another_order_are_the_same_processes() {
    let [a, mut b] = two();
    b.targets.reverse();
    b.tally.processes.reverse();
    let mixed = merge(named([a, b])).unwrap();
    let straight = merge(named(two())).unwrap();
    assert_eq!(mixed.tally, straight.tally);
}

#[test]
fn seconds_are_put_beside_each_other_by_the_clock() {
    let [mut a, mut b] = two();
    let second = |at, sent, p99_us| Second {
        at,
        sent,
        p99_us: Some(p99_us),
        connections: 100,
        ..Second::default()
    };
    a.seconds = vec![
        second(-1, 0, 5),
        second(0, 10, 50),
        second(1, 10, 60),
        second(2, 10, 70),
    ];
    b.seconds = vec![second(0, 7, 99), second(1, 7, 10)];
    b.began = "2026-01-01T01:00:00.9+01:00".to_owned();
    let whole = merge(named([a, b])).unwrap();

    let seen: Vec<_> = whole
        .seconds
        .iter()
        .map(|s| (s.at, s.sent, s.p99_us.unwrap(), s.connections))
        .collect();
    assert_eq!(
        seen,
        [
            (-1, 0, 5, 100),
            (0, 10, 50, 100),
            (1, 17, 99, 200),
            (2, 17, 70, 200)
        ]
    );
    assert_eq!(whole.began, "2026-01-01T00:00:00Z");
    assert_eq!(
        whole.measured_s, 60.0,
        "less than a second apart is at once"
    );
    assert!(whole.remarks[0].contains("highest of any machine"));
}

#[test]
fn machines_that_began_apart_are_rated_over_all_of_the_time() {
    let [a, mut b] = two();
    b.began = "2026-01-01T00:00:20Z".to_owned();
    let whole = merge(named([a.clone(), b.clone()])).unwrap();
    assert_eq!(whole.measured_s, 80.0);
    assert!(
        whole.remarks[1].contains("20.0 s after"),
        "{:?}",
        whole.remarks
    );

    b.began = "2026-01-01T00:01:00Z".to_owned();
    let apart = merge(named([a, b])).unwrap_err();
    assert_eq!(apart, MergeError::Apart("w1.json".into(), "w2.json".into()));
}

#[test]
fn a_server_that_several_watched_was_busy_once() {
    let [mut a, mut b] = two();
    let cost = |cpu_s| ServerCost {
        name: "http://a/metrics".to_owned(),
        cpu_s,
        ..ServerCost::default()
    };
    a.servers = vec![cost(30.0)];
    b.servers = vec![cost(31.0)];
    let whole = merge(named([a, b])).unwrap();
    assert_eq!(whole.servers.len(), 1);
    assert_eq!(whole.servers[0].cpu_s, 31.0);
}

#[test]
fn remarks_of_all_are_told_once_and_those_of_one_by_its_name() {
    let [mut a, mut b] = two();
    a.remarks = vec!["Behind a balancer.".to_owned()];
    b.remarks = vec!["Behind a balancer.".to_owned(), "Cut short.".to_owned()];
    let remarks = merge(named([a, b])).unwrap().remarks;
    assert_eq!(remarks[1..], ["Behind a balancer.", "w2.json: Cut short."]);
}

#[test]
fn one_record_is_a_run_too() {
    let [alone, _] = two();
    let whole = merge(named([alone.clone()])).unwrap();
    assert_eq!(whole.tally, alone.tally);
    assert_eq!(whole.workers[0].name, "w1.json");
}
