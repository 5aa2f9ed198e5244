//! Floats as Python's `repr` writes them.

/// Python's `repr(float)`: the shortest digits that read back as the same float, with an exponent
/// where it would be below -4 or above 15.
pub fn float_repr(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let (digits, exponent) = shortest(float);
    if !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.unsigned_abs());
    }
    let decimals = i32::try_from(digits_after_point(&digits)).unwrap_or(0) - exponent;
    format!("{float:.*}", usize::try_from(decimals.max(1)).unwrap_or(1))
}

/// The shortest digits, `d.ddd`, and the exponent of the first one.
///
/// Where two are equally near, as around 268435947007442.625, Rust takes the larger and Python the even one.
/// Rust's exact formatting rounds to even too, so it has the last word where its digits are as good.
fn shortest(float: f64) -> (String, i32) {
    let shortest = format!("{float:e}");
    let precision = shortest
        .split_once('e')
        .map_or(0, |(digits, _)| digits_after_point(digits));
    let exact = format!("{float:.precision$e}");
    let chosen = if exact.parse() == Ok(float) {
        exact
    } else {
        shortest
    };
    match chosen.split_once('e') {
        Some((digits, exponent)) => (digits.to_owned(), exponent.parse().unwrap_or(0)),
        None => (chosen, 0),
    }
}

fn digits_after_point(digits: &str) -> usize {
    digits.split_once('.').map_or(0, |(_, after)| after.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn floats_are_written_as_by_python() {
        // Bits and what `python3.11 -c 'print(repr(x))'` prints; among them ties between two shortest forms.
        for (bits, printed) in [
            (0x3fb999999999999a, "0.1"),
            (0x8000000000000000, "-0.0"),
            (0x3ff0000000000000, "1.0"),
            (0x4059000000000000, "100.0"),
            (0x4029000000000000, "12.5"),
            (0x430c6bf526340000, "1000000000000000.0"),
            (0x4341c37937e08000, "1e+16"),
            (0x437b69b4ba630f35, "1.2345678901234568e+17"),
            (0x4341c37937e07fff, "9999999999999998.0"),
            (0x3f1a36e2eb1c432d, "0.0001"),
            (0x3ee4f8b588e368f1, "1e-05"),
            (0x3ee4f8b588e368f1, "1e-05"),
            (0x3e8421f5f40d8376, "1.5e-07"),
            (0x0000000000000001, "5e-324"),
            (0x0010000000000000, "2.2250738585072014e-308"),
            (0x7fefffffffffffff, "1.7976931348623157e+308"),
            (0x4480f0cf064dd592, "1e+22"),
            (0x44b52d02c7e14af6, "1e+23"),
            (0x430504a1166fbcea, "739508052948893.2"),
            (0x42ee8483a885ba54, "268435947007442.62"),
            (0xc31909d35292a28d, "-1761919411464355.2"),
            (0x4340000000000000, "9007199254740992.0"),
            (0x3d30000000000000, "5.684341886080802e-14"),
            (0x4340000000000000, "9007199254740992.0"),
            (0x3fd3333333333333, "0.3"),
            (0x3fd5555555555555, "0.3333333333333333"),
            (0xf2a74de452e6b438, "-1.989032661366619e+244"),
            (0x6513270e269e0d37, "7.761117632285041e+178"),
            (0x0c5c7fd0a6a3a450, "3.980498358697587e-249"),
            (0xd23f0824128b2f33, "-1.5432835417340557e+88"),
            (0x1818e811892f902b, "1.3647584518757569e-192"),
            (0x9531985d5d9dc9f8, "-1.3701135617873088e-206"),
            (0xe8e25d940ed90475, "-1.7160537630466207e+197"),
            (0x36f675cc81e74ef5, "6.294675241195386e-44"),
            (0x1600a35a099950d8, "1.0613447212142254e-202"),
            (0x6b0d549b6f03675a, "4.708325160387546e+207"),
            (0x3d9c172411e20b8f, "6.387016158513563e-12"),
            (0x8d116ece1738f7d9, "-9.973130378568733e-246"),
            (0x0f21ddb66cad4a26, "8.779753225680271e-236"),
            (0x90c192cfd3ac94af, "-5.795503248498993e-228"),
            (0xf28c105d1fb17c23, "-5.988180159386011e+243"),
            (0xa170b33839263059, "-1.306052388527796e-147"),
            (0x953f48f1a09f76b5, "-2.436117699484841e-206"),
            (0x0fd630f1f29d0da9, "2.233386999150174e-232"),
        ] {
            assert_eq!(float_repr(f64::from_bits(bits)), printed);
        }
        assert_eq!(float_repr(f64::INFINITY), "inf");
        assert_eq!(float_repr(f64::NEG_INFINITY), "-inf");
        assert_eq!(float_repr(f64::NAN), "nan");
    }

    proptest! {
        #[test]
        fn every_float_reads_back_as_itself(bits: u64) {
            let float = f64::from_bits(bits);
            prop_assume!(!float.is_nan());
            prop_assert_eq!(float_repr(float).parse::<f64>().map(f64::to_bits), Ok(bits));
        }
    }
}
