//! What programs read, held against the schema that says what is in it.

use serde_json::Value;

/// A JSON Schema, ready to judge.
pub(crate) struct Schema {
    schemas: boon::Schemas,
    index: boon::SchemaIndex,
}

impl Schema {
    pub(crate) fn of(text: &str) -> Self {
        let mut compiler = boon::Compiler::new();
        compiler.enable_format_assertions();
        compiler
            .add_resource("schema.json", serde_json::from_str(text).unwrap())
            .unwrap();
        let mut schemas = boon::Schemas::new();
        let index = compiler.compile("schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    /// Why the document does not keep to it.
    pub(crate) fn refuses(&self, document: &Value) -> Option<String> {
        let checked = self.schemas.validate(document, self.index);
        checked.err().map(|error| format!("{error:#}"))
    }
}
