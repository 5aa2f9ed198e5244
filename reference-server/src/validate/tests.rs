//! The contract's refusals, field by field, as the Django original words them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::json;

fn sent(text: &str) -> Body {
    Body::Json(json::parse(text).unwrap())
}

fn form(inputs: &[(&str, &str)]) -> Body {
    let owned = |&(name, text): &(&str, &str)| (name.to_owned(), text.to_owned());
    Body::Form(inputs.iter().map(owned).collect::<Vec<_>>().into())
}

fn refusal<T>(outcome: Result<T, FieldErrors>) -> serde_json::Value {
    match outcome {
        Ok(_) => panic!("it was accepted"),
        Err(errors) => serde_json::to_value(errors).unwrap(),
    }
}

#[test]
fn every_bad_field_of_a_registration_is_told_at_once() {
    let required = "This field is required.";
    let no_null = "This field may not be null.";
    for (body, errors) in [
        (
            "{}",
            json!({"username": [required], "password": [required], "password_confirm": [required]}),
        ),
        (
            r#"{"username":null,"email":null,"password":null,"password_confirm":null,"user_type":null}"#,
            json!({"username": [no_null], "email": [no_null], "password": [no_null], "password_confirm": [no_null], "user_type": [no_null]}),
        ),
        (
            r#"{"username":"","email":"","password":" ","password_confirm":"\t","user_type":""}"#,
            json!({
                "username": ["This field may not be blank."],
                "password": ["This field may not be blank."],
                "password_confirm": ["This field may not be blank."],
                "user_type": ["\"\" is not a valid choice."],
            }),
        ),
        (
            r#"{"username":[1],"email":{},"password":true,"password_confirm":1.5,"user_type":["a",null]}"#,
            json!({
                "username": ["Not a valid string."],
                "email": ["Enter a valid email address."],
                "password": ["Not a valid string."],
                "user_type": ["\"['a', None]\" is not a valid choice."],
            }),
        ),
        ("null", json!({"non_field_errors": ["No data provided"]})),
        (
            "[1]",
            json!({"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
        ),
        (
            "1.0",
            json!({"non_field_errors": ["Invalid data. Expected a dictionary, but got float."]}),
        ),
    ] {
        assert_eq!(refusal(registration(&sent(body), false)), errors, "{body}");
    }
}

#[test]
fn all_checks_of_a_field_speak_in_drfs_order() {
    let name = "x".repeat(150);
    let body = format!(
        r#"{{"username":" {name} \u0000\ud800","email":"\udc00{}","password":"a","password_confirm":"b"}}"#,
        "y".repeat(254)
    );
    assert_eq!(
        refusal(registration(&sent(&body), true)),
        json!({
            "username": [
                "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.",
                "A user with that username already exists.",
                "Ensure this field has no more than 150 characters.",
                "Null characters are not allowed.",
                "Surrogate characters are not allowed: U+D800.",
            ],
            "email": [
                "Ensure this field has no more than 254 characters.",
                "Surrogate characters are not allowed: U+DC00.",
                "Enter a valid email address.",
            ],
        })
    );
}

#[test]
fn a_registration_is_trimmed_normalised_and_completed() {
    let body = sent(
        r#"{"username":" ｇina ","email":" Erin@EXAMPLE.Com ","password":" 12 ","password_confirm":12}"#,
    );
    assert_eq!(requested_username(&body).as_deref(), Some("ｇina"));
    let Ok(user) = registration(&body, false) else {
        panic!("it was refused")
    };
    assert_eq!(
        (
            &*user.username,
            &*user.email,
            &*user.password,
            &*user.user_type
        ),
        ("gina", "Erin@example.com", "12", "student")
    );
}

#[test]
fn passwords_are_compared_when_all_else_is_good() {
    let body = sent(r#"{"username":"zed","password":"a","password_confirm":"b"}"#);
    let errors = json!({"password": ["Passwords don't match."]});
    assert_eq!(refusal(registration(&body, false)), errors);
    let errors = json!({"username": ["A user with that username already exists."]});
    assert_eq!(refusal(registration(&body, true)), errors);
    assert_eq!(
        serde_json::to_value(FieldErrors::username_taken()).unwrap(),
        errors
    );
}

#[test]
fn empty_inputs_of_a_form_are_no_inputs_where_they_may_stay_away() {
    let pair = [
        ("username", "zed"),
        ("password", "a"),
        ("password_confirm", "a"),
    ];
    let with = |more: (&'static str, &'static str)| form(&[&pair[..], &[more]].concat());
    let user = registration(&with(("user_type", "")), false).ok().unwrap();
    assert_eq!(user.user_type, "student");
    assert!(registration(&with(("email", "")), false).is_ok());
    assert_eq!(
        refusal(registration(&with(("username", "")), false)),
        json!({"username": ["This field may not be blank."]}),
        "the last of repeated inputs counts"
    );
}

#[test]
fn participants_are_whole_numbers_however_spelled() {
    let body = sent(
        r#"{"name":5,"participant_ids":[1,"2"," 3 ",4.0,"5.0","6.00 ",1e2,"1_0","٧",-8,9223372036854775808]}"#,
    );
    let chat = new_chat(&body).unwrap();
    let ids: Vec<_> = chat
        .participant_ids
        .iter()
        .map(ToString::to_string)
        .collect();
    let expected = [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "100",
        "10",
        "7",
        "-8",
        "9223372036854775808",
    ];
    assert_eq!(
        (&*chat.name, ids),
        ("5", expected.map(str::to_owned).to_vec())
    );
    let last = chat.participant_ids.into_iter().last().unwrap();
    assert_eq!(
        serde_json::to_value(FieldErrors::unknown_participant(last)).unwrap(),
        json!({"participant_ids": ["Invalid pk \"9223372036854775808\" - object does not exist."]})
    );
}

#[test]
fn bad_participants_are_told_by_index() {
    let invalid = "A valid integer is required.";
    let long = format!(
        r#"{{"name":"n","participant_ids":["{}"]}}"#,
        "1".repeat(1001)
    );
    for (body, errors) in [
        (
            r#"{"name":"n","participant_ids":[1,"x",null,true,1.5,1e16,[],".0","1.0.0"]}"#,
            json!({
                "1": [invalid], "2": ["This field may not be null."], "3": [invalid], "4": [invalid],
                "5": [invalid], "6": [invalid], "7": [invalid], "8": [invalid],
            }),
        ),
        (
            r#"{"name":"n","participant_ids":"abc"}"#,
            json!(["Expected a list of items but got type \"str\"."]),
        ),
        (
            r#"{"name":"n","participant_ids":{}}"#,
            json!(["Expected a list of items but got type \"dict\"."]),
        ),
        (
            r#"{"name":"n","participant_ids":null}"#,
            json!(["This field may not be null."]),
        ),
        (&*long, json!({"0": ["String value too large."]})),
    ] {
        let errors = json!({ "participant_ids": errors });
        assert_eq!(refusal(new_chat(&sent(body))), errors, "{body}");
        assert_eq!(refusal(renamed_chat(&sent(body), true)), errors, "{body}");
    }
}

#[test]
fn a_form_lists_participants_by_repetition_or_by_number() {
    let ids = |inputs: &[(&str, &str)]| {
        let chat = new_chat(&form(&[&[("name", "n")], inputs].concat())).unwrap();
        let ids = chat.participant_ids.iter();
        ids.map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        ids(&[("participant_ids", "2"), ("participant_ids", "1")]),
        ["2", "1"]
    );
    assert_eq!(
        ids(&[("participant_ids[10]", "1"), ("participant_ids[2]", "3")]),
        ["3", "1"]
    );
    assert_eq!(
        ids(&[("participant_ids[x]", "1"), ("participant_ids[]", "3")]),
        [""; 0]
    );
    let nested = form(&[("name", "n"), ("participant_ids[0]id", "1")]);
    assert_eq!(
        refusal(new_chat(&nested)),
        json!({"participant_ids": {"0": ["A valid integer is required."]}})
    );
}

#[test]
fn a_patch_may_leave_out_what_a_put_may_not() {
    assert_eq!(renamed_chat(&Body::empty(), true), Ok(None));
    assert_eq!(
        refusal(renamed_chat(&Body::empty(), false)),
        json!({"name": ["This field is required."]})
    );
    let longest = "é".repeat(255);
    let named = |name: &str| sent(&format!(r#"{{"name":" {name} "}}"#));
    assert_eq!(
        renamed_chat(&named(&longest), true),
        Ok(Some(longest.clone()))
    );
    assert_eq!(
        refusal(renamed_chat(&named(&(longest + "é")), true)),
        json!({"name": ["Ensure this field has no more than 255 characters."]})
    );
}

#[test]
fn a_message_is_trimmed_and_never_blank() {
    assert_eq!(
        message(&sent(r#"{"content":"  pad  ","chat":null}"#)).unwrap(),
        "pad"
    );
    assert_eq!(message(&sent(r#"{"content":12.50}"#)).unwrap(), "12.5");
    assert_eq!(
        message(&form(&[("content", "a"), ("content", "formed")])).unwrap(),
        "formed"
    );
    let file = Body::Form(Form::new(vec![("content".to_owned(), FormValue::File)]));
    for (body, words) in [
        (sent("{}"), "This field is required."),
        (sent(r#"{"content":null}"#), "This field may not be null."),
        (
            sent(r#"{"content":" \u001c\u2003"}"#),
            "This field may not be blank.",
        ),
        (sent(r#"{"content":false}"#), "Not a valid string."),
        (sent(r#"{"content":["a"]}"#), "Not a valid string."),
        (
            sent(r#"{"content":"a\u0000b"}"#),
            "Null characters are not allowed.",
        ),
        (
            sent(r#"{"content":"\ud800"}"#),
            "Surrogate characters are not allowed: U+D800.",
        ),
        (form(&[("content", "")]), "This field may not be blank."),
        (file, "Not a valid string."),
    ] {
        assert_eq!(
            refusal(message(&body)),
            json!({ "content": [words] }),
            "{body:?}"
        );
    }
}

#[test]
fn credentials_are_taken_as_they_are_or_not_at_all() {
    let pair = credentials(&sent(r#"{"username":" a ","password":"b "}"#))
        .unwrap()
        .unwrap();
    assert_eq!((&*pair.username, &*pair.password), (" a ", "b "));
    for body in [
        "{}",
        r#"{"username":"a"}"#,
        r#"{"username":"a","password":5}"#,
        r#"{"username":["a"],"password":"b"}"#,
        r#"{"username":"\ud800","password":"b"}"#,
        r#"{"username":"a\u0000","password":"b"}"#,
    ] {
        assert!(credentials(&sent(body)).unwrap().is_none(), "{body}");
    }
    assert_eq!(
        refusal(credentials(&sent("null"))),
        json!({"non_field_errors": ["No data provided"]})
    );
    assert!(
        credentials(&form(&[("username", "a"), ("password", "b")]))
            .unwrap()
            .is_some()
    );
}

proptest! {
    #[test]
    fn no_text_in_a_field_makes_a_rule_panic(a in any::<String>(), b in ".{0,80}", partial: bool) {
        let field = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let inputs = vec![
            field("username", &a), field("email", &b), field("password", &a), field("password_confirm", &b),
            field("name", &b), field("content", &a), field("participant_ids", &a), field(&b, &a),
        ];
        let body = Body::Form(inputs.into());
        let _ = (registration(&body, partial).is_ok(), new_chat(&body), renamed_chat(&body, partial), message(&body));
        let _ = (credentials(&body).is_ok(), frame_content(&a), normalise_email(&b));
    }
}
