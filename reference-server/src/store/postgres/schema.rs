//! The tables in Postgres: made where there are none, used as they are where Django made them.

use tokio_postgres::{Error, GenericClient};

use super::connections::{Client, words};
use crate::store::OpenError;
use crate::store::schema::first_missing;

/// What processes of ours that start together on an empty database take turns by.
const TURN: &str = "SELECT pg_advisory_xact_lock(hashtext('chat-reference-server'))";

/// Every table where names are looked for without a schema, with each column and its type, and whether all may
/// be done with it that is done.
const COLUMNS: &str = "\
    SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL), has_table_privilege(c.oid, 'SELECT') \
    AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') \
    AND has_table_privilege(c.oid, 'DELETE') \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY (current_schemas(false)) AND pg_table_is_visible(c.oid)";

/// Why a database is none of ours yet.
enum Unfit {
    /// It says so itself, or cannot be used.
    Unusable(String),
    /// It is of something else.
    Foreign(String),
}

/// A column as it is there.
struct Column {
    table: String,
    name: String,
    kind: String,
    is_ours: bool,
}

/// Makes the tables if there are none at all. Nothing is changed in a database that holds something else.
pub(super) async fn prepare(connection: &mut Client, database: &str) -> Result<(), OpenError> {
    let database = database.to_owned();
    match make(connection).await {
        Ok(()) => Ok(()),
        Err(Unfit::Unusable(reason)) => Err(OpenError::Unusable { database, reason }),
        Err(Unfit::Foreign(reason)) => Err(OpenError::Foreign { database, reason }),
    }
}

async fn make(connection: &mut Client) -> Result<(), Unfit> {
    is_fit(connection).await?;
    let transaction = connection.transaction().await?;
    transaction.batch_execute(TURN).await?;
    let mut columns = columns_of(&*transaction).await?;
    if columns.is_empty() {
        transaction
            .batch_execute(include_str!("schema.sql"))
            .await?;
        columns = columns_of(&*transaction).await?;
    }
    is_ours(&columns)?;
    transaction.commit().await?;
    Ok(())
}

/// Whether this Postgres can hold a chat at all.
async fn is_fit(connection: &Client) -> Result<(), Unfit> {
    let facts = connection
        .query_one(
            "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), \
             current_setting('transaction_read_only')::bool",
            &[],
        )
        .await?;
    let version: i32 = facts.try_get(0)?;
    let encoding: String = facts.try_get(1)?;
    if version < OLDEST {
        let reason = format!(
            "it is Postgres {}, and needs to be {} or newer",
            version / 10_000,
            OLDEST / 10_000
        );
        return Err(Unfit::Unusable(reason));
    }
    if encoding != "UTF8" {
        let reason = format!(
            "its encoding is {encoding}, which cannot hold every text: it needs to be UTF8"
        );
        return Err(Unfit::Unusable(reason));
    }
    if facts.try_get(2)? {
        return Err(Unfit::Unusable("it may only be read".to_owned()));
    }
    Ok(())
}

async fn columns_of(db: &impl GenericClient) -> Result<Vec<Column>, Error> {
    let rows = db.query(COLUMNS, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(Column {
                table: row.try_get(0)?,
                name: row.try_get(1)?,
                kind: row.try_get(2)?,
                is_ours: row.try_get(3)?,
            })
        })
        .collect()
}

fn is_ours(columns: &[Column]) -> Result<(), Unfit> {
    let pairs: Vec<_> = columns
        .iter()
        .map(|column| (column.table.clone(), column.name.clone()))
        .collect();
    if let Some(reason) = first_missing(&pairs) {
        return Err(Unfit::Foreign(reason));
    }
    for column in columns {
        let Column {
            table, name, kind, ..
        } = column;
        if !OURS.contains(&table.as_str()) {
            continue;
        }
        if !column.is_ours {
            let reason = format!(
                "the user may not do all of SELECT, INSERT, UPDATE and DELETE in its table {table}"
            );
            return Err(Unfit::Unusable(reason));
        }
        // Projects of before Django 3.2 number their rows with four bytes.
        if (name == "id" || name.ends_with("_id")) && kind != "bigint" {
            let reason = format!("{table}.{name} is {kind} there, and has to be bigint");
            return Err(Unfit::Foreign(reason));
        }
    }
    Ok(())
}

impl From<Error> for Unfit {
    fn from(error: Error) -> Self {
        Self::Unusable(words(&error))
    }
}

/// What is written to.
const OURS: [&str; 5] = [
    "chat_user",
    "chat_chat",
    "chat_chat_participants",
    "chat_message",
    "django_session",
];

/// The oldest that Django 5.2 knows.
const OLDEST: i32 = 140_000;
