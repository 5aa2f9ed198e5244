//! The values of options, read from their text; what cannot be meant is answered with what could.

use chat_fixtures::output::Form;

use crate::{
    report::{Format, ReportTo},
    scenario,
};

/// `200/s`, `200`, `12000/min`.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let (number, seconds) = match text.split_once('/') {
        None | Some((_, "s" | "sec" | "second")) => {
            (text.split('/').next().unwrap_or_default(), 1.0)
        }
        Some((number, "m" | "min" | "minute")) => (number, 60.0),
        Some((number, "h" | "hour")) => (number, 3600.0),
        Some((_, unit)) => return Err(format!("a rate is /s, /min or /h, not /{unit}")),
    };
    match number.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number / seconds),
        Ok(_) => Err("a rate has to be more than nothing".to_owned()),
        Err(_) => Err("it has to be a number a second, as in 200/s".to_owned()),
    }
}

/// A difference in percent: less than everything.
pub(super) fn percent(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(percent) if (0.0..100.0).contains(&percent) => Ok(percent),
        _ => Err("it has to be a number of percent from 0 to less than 100, as 5".to_owned()),
    }
}

pub(super) fn scenario(text: &str) -> Result<String, String> {
    scenario::by_name(text)
        .map(|kind| kind.name.to_owned())
        .map_err(|error| error.to_string())
}

/// A report that a search for the capacity has.
pub(super) fn search_report(text: &str) -> Result<ReportTo, String> {
    let to: ReportTo = text.parse()?;
    if Format::of_searches().any(|form| form == to.format) {
        return Ok(to);
    }
    let known: Vec<_> = Format::of_searches().map(Form::name).collect();
    Err(format!(
        "{} shows one run, and a search is many: it has {}",
        to.format.name(),
        known.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_refuses_the_forms_that_show_one_run() {
        assert!(search_report("junit=out.xml").is_ok());
        for form in ["hdr=out.hlog", "prometheus"] {
            let error = search_report(form).err().unwrap_or_default();
            assert!(
                error.ends_with("a search is many: it has terminal, html, json, junit"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_difference_is_in_percent() {
        assert_eq!(percent("2.5"), Ok(2.5));
        for text in ["1e9", "100", "-1", "nan", "5%", ""] {
            assert!(percent(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_rate_is_a_number_a_second() {
        assert_eq!(rate("200/s"), Ok(200.0));
        assert_eq!(rate("0.5"), Ok(0.5));
        assert_eq!(rate("90/min"), Ok(1.5));
        for text in ["", "/s", "-1/s", "0", "nan", "inf", "5/fortnight", "five"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
