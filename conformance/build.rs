//! Hands the contract's clause ids to the compiler, so that a clause without a check, and a check of an
//! unknown clause, do not build.

use std::{env, error::Error, fs, path::Path};

const CLAUSES: &str = "../fixtures/contract/clauses.toml";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={CLAUSES}");
    let table = fs::read_to_string(CLAUSES)?;
    let ids: Vec<_> = table
        .lines()
        .filter_map(|line| line.strip_prefix("id = "))
        .map(|id| id.replace('-', "_"))
        .collect();
    let list = format!(
        "/// Every clause of the contract, as the tables of checks spell it.\npub(crate) const CLAUSES: &[&str] = &[{}];\n",
        ids.join(", ")
    );
    fs::write(Path::new(&env::var("OUT_DIR")?).join("clauses.rs"), list)?;
    Ok(())
}
