//! `--database`, read: what is wrong with it is said without repeating it, for it may hold a password.

use std::ffi::OsStr;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};

use crate::store::Location;

/// The parser of `--database`.
#[derive(Clone)]
pub(super) struct Database;

impl TypedValueParser for Database {
    type Value = Location;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Location, Error> {
        Location::try_from(value.to_owned()).map_err(|error| {
            Error::raw(
                ErrorKind::ValueValidation,
                format!("--database: {error}; {ACCEPTED}\n"),
            )
            .with_cmd(command)
        })
    }
}

const ACCEPTED: &str =
    "it takes the path of a SQLite file, or postgres://user:password@host:port/name";
