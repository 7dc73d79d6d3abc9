//! Tables with a document in each row.

pub(super) mod csv;
#[cfg(feature = "parquet")]
pub(super) mod parquet;
#[cfg(feature = "parquet")]
mod thrift;
