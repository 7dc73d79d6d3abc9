//! Tables with a document in each row.

#[cfg(feature = "parquet")]
mod chunks;
pub(super) mod csv;
#[cfg(feature = "parquet")]
pub(super) mod parquet;
#[cfg(feature = "parquet")]
mod row;
#[cfg(feature = "parquet")]
mod thrift;
