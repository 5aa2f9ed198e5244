//! What the original says to a registration that it refuses: to the word, and all at once.

use chat_fixtures::{answer::Answer, client::Ask};
use serde_json::{Value, json};

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_answer, shown},
    registration::{accepted, good, registers, with, without},
};

checks! {
    REG_5 => says_what_is_missing_null_or_blank,
    REG_5 => says_what_is_of_a_wrong_type,
    REG_5 => says_what_is_too_long,
    REG_5 => names_all_bad_fields_at_once,
    REG_5 => compares_the_passwords_when_all_else_is_good,
    REG_5 => wants_an_object,
    REG_5 => reads_forms_alike,
}

async fn says_what_is_missing_null_or_blank(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let everything = json!({
        "username": [REQUIRED], "password": [REQUIRED], "password_confirm": [REQUIRED],
    });
    // What may be left out is there, for whether it may is another clause's matter.
    let rest = json!({"email": "nobody@example.com", "user_type": "student"});
    expect_refusal(cx, "nothing that has to be there", &rest, &everything).await?;
    for field in ["username", "password", "password_confirm"] {
        let what = format!("a registration without {field}");
        let form = without(differing(cx), field);
        expect_refusal(cx, &what, &form, &json!({field: [REQUIRED]})).await?;
    }
    for field in ["username", "email", "password", "password_confirm"] {
        expect_words(cx, &json!({field: null}), &json!({field: [NULL]})).await?;
    }
    for field in ["username", "password", "password_confirm"] {
        expect_words(cx, &json!({field: ""}), &json!({field: [BLANK]})).await?;
    }
    expect_good(cx, "email", &json!("")).await
}

async fn says_what_is_of_a_wrong_type(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let others = [
        json!(true),
        json!(false),
        json!([]),
        json!([1]),
        json!({}),
        json!({"a": 1}),
    ];
    for field in ["username", "password", "password_confirm"] {
        for other in &others {
            expect_words(cx, &json!({field: other}), &json!({field: [NOT_TEXT]})).await?;
        }
    }
    // An e-mail of another type is told apart by its text, which is no e-mail.
    for other in others.iter().chain(&[json!(0), json!(1), json!(1.5)]) {
        expect_words(cx, &json!({"email": other}), &json!({"email": [NO_EMAIL]})).await?;
    }
    // Numbers are text; these nobody has for a name.
    let own = u64::from(rand::random::<u32>()) + 1_000_000_000;
    for number in [
        json!(own),
        json!(own.cast_signed().wrapping_neg()),
        json!(format!("{own}.5").parse::<f64>().unwrap_or(0.5)),
    ] {
        expect_good(cx, "username", &number).await?;
        expect_words(
            cx,
            &json!({"password_confirm": number}),
            &json!({"password": [DIFFER]}),
        )
        .await?;
    }
    Ok(())
}

async fn says_what_is_too_long(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let email = |length: usize| format!("{}@b.com", "a".repeat(length - "@b.com".len()));
    let long = "Ensure this field has no more than 150 characters.";
    let long_email = "Ensure this field has no more than 254 characters.";

    // The limit is of characters, not of bytes.
    let name = cx.username("é");
    let padding = 150 - name.chars().count().min(150);
    expect_good(cx, "username", &json!(name + &"é".repeat(padding))).await?;
    for letter in ["a", "é"] {
        let name = letter.repeat(151);
        expect_words(cx, &json!({"username": name}), &json!({"username": [long]})).await?;
    }
    expect_good(cx, "email", &json!(email(254))).await?;
    expect_words(
        cx,
        &json!({"email": email(255)}),
        &json!({"email": [long_email]}),
    )
    .await?;
    expect_words(
        cx,
        &json!({"username": "!".repeat(151), "email": "y".repeat(255)}),
        &json!({"username": [BAD_USERNAME, long], "email": [long_email, NO_EMAIL]}),
    )
    .await
}

async fn names_all_bad_fields_at_once(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    expect_words(
        cx,
        &json!({"username": [1], "email": {}, "password": true, "password_confirm": {}}),
        &json!({
            "username": [NOT_TEXT], "email": [NO_EMAIL], "password": [NOT_TEXT],
            "password_confirm": [NOT_TEXT],
        }),
    )
    .await?;
    expect_words(
        cx,
        &json!({"username": null, "email": null, "password": null, "password_confirm": null}),
        &json!({
            "username": [NULL], "email": [NULL], "password": [NULL], "password_confirm": [NULL],
        }),
    )
    .await?;
    expect_words(
        cx,
        &json!({"username": "", "email": "bad", "password": "", "password_confirm": ""}),
        &json!({
            "username": [BLANK], "email": [NO_EMAIL], "password": [BLANK],
            "password_confirm": [BLANK],
        }),
    )
    .await
}

async fn compares_the_passwords_when_all_else_is_good(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let differ = json!({"password": [DIFFER]});
    for (password, confirm) in [
        ("a", "b"),
        ("PW", "pw"),
        ("\u{e9}", "e\u{301}"),
        ("5", "5.0"),
    ] {
        let pair = json!({"password": password, "password_confirm": confirm});
        expect_words(cx, &pair, &differ).await?;
    }
    let unknown = json!({"is_staff": true, "is_superuser": true, "id": 5});
    expect_words(cx, &unknown, &differ).await?;
    expect_words(
        cx,
        &json!({"username": "bad name", "email": "bad"}),
        &json!({"username": [BAD_USERNAME], "email": [NO_EMAIL]}),
    )
    .await
}

async fn wants_an_object(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    for (body, called) in [
        (json!([1, 2]), "list"),
        (json!([]), "list"),
        (json!("str"), "str"),
        (json!(5), "int"),
        (json!(1.5), "float"),
        (json!(false), "bool"),
    ] {
        let words = format!("Invalid data. Expected a dictionary, but got {called}.");
        let says = json!({"non_field_errors": [words]});
        expect_refusal(cx, &format!("the body {body}"), &body, &says).await?;
    }
    let says = json!({"non_field_errors": ["No data provided"]});
    expect_refusal(cx, "the body null", &Value::Null, &says).await
}

async fn reads_forms_alike(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let form = |body: String| {
        Ask::new("POST", "/api/register/").body("application/x-www-form-urlencoded", body)
    };
    let name = cx.username("n");
    let blank = json!({"username": [BLANK], "password": [BLANK], "password_confirm": [BLANK]});
    for (body, says) in [
        (
            "username=&email=a%40b.com&password=&password_confirm=&user_type=staff".to_owned(),
            blank,
        ),
        (
            format!(
                "username={name}&email=a%40b.com&password=a+b&password_confirm=a%20c&user_type=staff"
            ),
            json!({"password": [DIFFER]}),
        ),
        (
            format!(
                "username={name}&username=!&password=a&password_confirm=b&email=x&user_type=staff"
            ),
            json!({"username": [BAD_USERNAME], "email": [NO_EMAIL]}),
        ),
    ] {
        let what = format!("the form {body}");
        let answer = cx.stranger().ask(form(body)).await?;
        judge(&answer, &says, &what)?;
    }
    let fields = [
        ("username", "a b"),
        ("email", "a@b.com"),
        ("user_type", "staff"),
        ("password", "a"),
        ("password_confirm", "b"),
    ];
    let ask = Ask::new("POST", "/api/register/").multipart(&fields);
    let answer = cx.stranger().ask(ask).await?;
    let says = json!({"username": [BAD_USERNAME]});
    expect_answer(&answer, 400, &says, "a multipart form")
}

/// A registration in which all is good but the passwords, which differ: so it costs no hash, and makes no
/// account when a server sees nothing wrong in what it is asked about.
fn differing(cx: &Context) -> Value {
    let form = good(&cx.username("nobody"));
    with(
        form,
        &json!({"password": "pw-of-nobody", "password_confirm": "other"}),
    )
}

/// That a registration with these changes is refused in exactly these words.
pub(super) async fn expect_words(cx: &Context, changes: &Value, says: &Value) -> Verdict {
    let what = format!("a registration with {changes}");
    expect_refusal(cx, &what, &with(differing(cx), changes), says).await
}

async fn expect_refusal(cx: &Context, what: &str, form: &Value, says: &Value) -> Verdict {
    judge(&registers(&cx.stranger(), form).await?, says, what)
}

/// Whether a taken name, another user type, a differing pair are refused at all is for REG-2, REG-3 and
/// REG-4 to say: here it is the words of the refusal.
fn judge(answer: &Answer, says: &Value, what: &str) -> Verdict {
    let differ = json!({"password": [DIFFER]});
    let of_another_clause =
        *says == differ || says.get("user_type").is_some() || says["username"] == json!([TAKEN]);
    let passed = accepted(answer)
        || answer
            .json()
            .is_ok_and(|body| body == differ && body != *says);
    if of_another_clause && passed {
        return Err(Failure::Untestable(format!("{what} is not refused")));
    }
    expect_answer(answer, 400, says, what)
}

/// That nothing is said against this value, whatever is said of the passwords.
pub(super) async fn expect_good(cx: &Context, field: &str, value: &Value) -> Verdict {
    let form = with(differing(cx), &json!({field: value}));
    let answer = registers(&cx.stranger(), &form).await?;
    let complaint = answer.json().unwrap_or_default()[field].is_array();
    expect(
        !complaint && answer.status < 500,
        format!("a registration with {field} {value}"),
        "no word against it",
        shown(&answer),
    )
}

const REQUIRED: &str = "This field is required.";
pub(super) const NULL: &str = "This field may not be null.";
pub(super) const BLANK: &str = "This field may not be blank.";
const NOT_TEXT: &str = "Not a valid string.";
pub(super) const NO_EMAIL: &str = "Enter a valid email address.";
pub(super) const BAD_USERNAME: &str = "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.";
pub(super) const TAKEN: &str = "A user with that username already exists.";
const DIFFER: &str = "Passwords don't match.";
