//! One connection to Postgres, over the wire protocol itself: statements go as text with inferred types and rows come back as text, which
//! is what Neon's protocol is made of and what tokio-postgres does not offer.

use super::address::Address;
use super::error::{PostgresError, SqlError};
use super::request::{Statement, Work};
use super::tls;
use bytes::{BufMut, BytesMut};
use fallible_iterator::FallibleIterator;
use postgres_protocol::IsNull;
use postgres_protocol::authentication::{md5_hash, sasl};
use postgres_protocol::message::backend::{DataRowBody, Message};
use postgres_protocol::message::frontend;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::TcpStream;

/// A way to Postgres, plain or encrypted.
pub trait Link: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Link for T {}

/// How the stack names itself to Postgres.
const APPLICATION_NAME: &str = "edgewise-stack";

/// A column of an answer.
#[derive(Debug)]
pub struct Field {
    pub name: String,
    pub type_oid: u32,
    pub table_oid: u32,
    pub column_id: i16,
    pub type_size: i16,
    pub type_modifier: i32,
}

/// The answer to one statement.
#[derive(Default)]
pub struct Outcome {
    pub fields: Vec<Field>,
    pub rows: Vec<DataRowBody>,
    /// Postgres' command tag, such as `INSERT 0 3`.
    pub tag: String,
}

/// What it takes to cancel what a connection is running.
#[derive(Clone)]
pub struct CancelKey {
    address: Address,
    process_id: i32,
    secret_key: i32,
}

impl CancelKey {
    /// Asks Postgres to stop; it may or may not.
    pub async fn cancel(&self) -> io::Result<()> {
        let mut link = dial(&self.address).await?;
        let mut request = BytesMut::new();
        frontend::cancel_request(self.process_id, self.secret_key, &mut request);
        link.write_all(&request).await?;
        link.shutdown().await?;
        // Postgres closes once the signal is sent: only then is it safe to reuse the cancelled connection.
        link.read_to_end(&mut Vec::new()).await.map(|_| ())
    }
}

/// An open, authenticated session.
pub struct Connection {
    reader: ReadHalf<Box<dyn Link>>,
    writer: WriteHalf<Box<dyn Link>>,
    input: BytesMut,
    cancel_key: CancelKey,
    /// Transaction status of the last ReadyForQuery: `I`, `T` or `E`.
    status: u8,
    broken: bool,
}

impl Connection {
    /// Connects and logs in.
    pub async fn open(address: &Address) -> Result<Self, SqlError> {
        let link = dial(address).await.map_err(|error| SqlError::Unreachable(error.to_string()))?;
        let (reader, writer) = tokio::io::split(link);
        let cancel_key = CancelKey { address: address.clone(), process_id: 0, secret_key: 0 };
        let mut connection = Self { reader, writer, input: BytesMut::new(), cancel_key, status: b'I', broken: false };
        connection.log_in(address).await?;
        Ok(connection)
    }

    /// For cancelling from elsewhere.
    pub fn cancel_key(&self) -> CancelKey {
        self.cancel_key.clone()
    }

    /// Whether the session can be used no more.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Looks, without waiting, whether the server has hung up on an idle session.
    pub async fn check_idle(&mut self) -> bool {
        let heard = {
            let read = std::pin::pin!(self.reader.read_buf(&mut self.input));
            futures::poll!(read)
        };
        match heard {
            std::task::Poll::Pending => {}
            std::task::Poll::Ready(Ok(0) | Err(_)) => self.broken = true,
            std::task::Poll::Ready(Ok(_)) => loop {
                match Message::parse(&mut self.input) {
                    Ok(None) => break,
                    Ok(Some(Message::ErrorResponse(_))) | Err(_) => {
                        self.broken = true;
                        break;
                    }
                    Ok(Some(_)) => {}
                }
            },
        }
        !self.broken
    }

    /// Runs `work` in one round trip: everything is written at once, up to a single Sync, and answers are read meanwhile.
    pub async fn run(&mut self, work: &Work, response_limit: usize) -> Result<Vec<Outcome>, SqlError> {
        let mut output = BytesMut::new();
        encode(work, &mut output).map_err(|error| SqlError::Refused(error.to_string()))?;
        let mut answers = match self.exchange(&output, response_limit).await {
            Ok(answers) => answers?,
            Err(Trouble::Io(error)) => {
                self.broken = true;
                return Err(SqlError::Lost(error));
            }
            Err(Trouble::TooLarge) => {
                self.broken = true;
                return Err(SqlError::ResponseTooLarge(response_limit));
            }
        };
        if matches!(work, Work::Transaction { .. }) {
            answers.pop();
            if !answers.is_empty() {
                answers.remove(0);
            }
        }
        Ok(answers)
    }

    /// Makes the session as new: no transaction, no setting, no lock, no temporary table is left.
    pub async fn reset(&mut self) -> Result<(), SqlError> {
        if self.status != b'I' {
            self.simple("ROLLBACK").await?;
        }
        self.simple("DISCARD ALL").await
    }

    async fn simple(&mut self, sql: &str) -> Result<(), SqlError> {
        let mut output = BytesMut::new();
        frontend::query(sql, &mut output).map_err(SqlError::Lost)?;
        match self.exchange(&output, usize::MAX).await {
            Ok(answers) => answers.map(|_| ()),
            Err(_) => {
                self.broken = true;
                Err(SqlError::Lost(io::ErrorKind::UnexpectedEof.into()))
            }
        }
    }

    async fn exchange(&mut self, output: &[u8], limit: usize) -> Result<Result<Vec<Outcome>, SqlError>, Trouble> {
        let mut answers = Vec::new();
        let mut current = Outcome::default();
        let mut failure = None;
        let mut bytes = 0_usize;
        let mut written = 0;
        loop {
            let message = loop {
                if let Some(message) = Message::parse(&mut self.input)? {
                    break message;
                }
                // It reads while it writes: Postgres stops reading when its own answers are not taken.
                let rest = output.get(written..).unwrap_or_default();
                tokio::select! {
                    count = self.writer.write(rest), if !rest.is_empty() => {
                        written += count?;
                        if written == output.len() {
                            self.writer.flush().await?;
                        }
                    }
                    count = self.reader.read_buf(&mut self.input) => {
                        if count? == 0 {
                            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                        }
                    }
                }
            };
            match message {
                Message::RowDescription(body) => {
                    let fields = body.fields().map(|field| {
                        Ok(Field {
                            name: field.name().to_owned(),
                            type_oid: field.type_oid(),
                            table_oid: field.table_oid(),
                            column_id: field.column_id(),
                            type_size: field.type_size(),
                            type_modifier: field.type_modifier(),
                        })
                    });
                    current.fields = fields.collect()?;
                }
                Message::DataRow(row) => {
                    bytes = bytes.saturating_add(row.buffer().len());
                    if bytes > limit {
                        return Err(Trouble::TooLarge);
                    }
                    current.rows.push(row);
                }
                Message::CommandComplete(body) => {
                    current.tag = body.tag()?.to_owned();
                    answers.push(std::mem::take(&mut current));
                }
                Message::EmptyQueryResponse => answers.push(std::mem::take(&mut current)),
                Message::CopyInResponse(_) => {
                    // There is no way to send data over HTTP. Postgres has swallowed our Sync, so another one follows.
                    let mut refusal = BytesMut::new();
                    frontend::copy_fail("COPY FROM STDIN is not possible over HTTP", &mut refusal)?;
                    frontend::sync(&mut refusal);
                    self.writer.write_all(&refusal).await?;
                    self.writer.flush().await?;
                }
                Message::ErrorResponse(body) => {
                    failure.get_or_insert_with(|| PostgresError::parse(&body));
                }
                Message::ReadyForQuery(body) => {
                    self.status = body.status();
                    return Ok(match failure {
                        Some(error) => Err(SqlError::Postgres(Box::new(error))),
                        None => Ok(answers),
                    });
                }
                _ => {}
            }
        }
    }

    async fn log_in(&mut self, address: &Address) -> Result<(), SqlError> {
        let unreachable = |error: io::Error| SqlError::Unreachable(error.to_string());
        let mut output = BytesMut::new();
        let parameters = [
            ("user", address.user.as_str()),
            ("database", address.database.as_str()),
            ("client_encoding", "UTF8"),
            ("application_name", APPLICATION_NAME),
        ];
        frontend::startup_message(parameters, &mut output).map_err(unreachable)?;
        let mut scram = None;
        loop {
            self.writer.write_all(&output).await.map_err(unreachable)?;
            self.writer.flush().await.map_err(unreachable)?;
            output.clear();
            while output.is_empty() {
                match self.next().await.map_err(unreachable)? {
                    Message::AuthenticationCleartextPassword => {
                        frontend::password_message(address.password.as_bytes(), &mut output).map_err(unreachable)?;
                    }
                    Message::AuthenticationMd5Password(body) => {
                        let hash = md5_hash(address.user.as_bytes(), address.password.as_bytes(), body.salt());
                        frontend::password_message(hash.as_bytes(), &mut output).map_err(unreachable)?;
                    }
                    Message::AuthenticationSasl(_) => {
                        let binding = sasl::ChannelBinding::unsupported();
                        let client = sasl::ScramSha256::new(address.password.as_bytes(), binding);
                        frontend::sasl_initial_response(sasl::SCRAM_SHA_256, client.message(), &mut output)
                            .map_err(unreachable)?;
                        scram = Some(client);
                    }
                    Message::AuthenticationSaslContinue(body) => {
                        let client = scram.as_mut().ok_or_else(out_of_order)?;
                        client.update(body.data()).map_err(unreachable)?;
                        frontend::sasl_response(client.message(), &mut output).map_err(unreachable)?;
                    }
                    Message::AuthenticationSaslFinal(body) => {
                        scram.as_mut().ok_or_else(out_of_order)?.finish(body.data()).map_err(unreachable)?;
                    }
                    Message::BackendKeyData(body) => {
                        self.cancel_key.process_id = body.process_id();
                        self.cancel_key.secret_key = body.secret_key();
                    }
                    Message::ErrorResponse(body) => {
                        return Err(SqlError::Postgres(Box::new(PostgresError::parse(&body))));
                    }
                    Message::ReadyForQuery(_) => return Ok(()),
                    _ => {}
                }
            }
        }
    }

    async fn next(&mut self) -> io::Result<Message> {
        loop {
            if let Some(message) = Message::parse(&mut self.input)? {
                return Ok(message);
            }
            if self.reader.read_buf(&mut self.input).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

enum Trouble {
    Io(io::Error),
    TooLarge,
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn out_of_order() -> SqlError {
    SqlError::Unreachable("authentication messages out of order".to_owned())
}

async fn dial(address: &Address) -> io::Result<Box<dyn Link>> {
    let socket = TcpStream::connect((address.host.as_str(), address.port)).await?;
    socket.set_nodelay(true)?;
    tls::wrap(socket, address).await
}

fn encode(work: &Work, output: &mut BytesMut) -> io::Result<()> {
    match work {
        Work::Single(statement) => encode_statement(statement, output)?,
        Work::Transaction { begin, statements } => {
            encode_command(begin, output)?;
            for statement in statements {
                encode_statement(statement, output)?;
            }
            encode_command("COMMIT", output)?;
        }
    }
    frontend::sync(output);
    Ok(())
}

fn encode_statement(statement: &Statement, output: &mut BytesMut) -> io::Result<()> {
    frontend::parse("", &statement.sql, [], output)?;
    bind(&statement.params, output)?;
    frontend::describe(b'P', "", output)?;
    frontend::execute("", 0, output)
}

fn encode_command(sql: &str, output: &mut BytesMut) -> io::Result<()> {
    frontend::parse("", sql, [], output)?;
    bind(&[], output)?;
    frontend::execute("", 0, output)
}

fn bind(params: &[Option<String>], output: &mut BytesMut) -> io::Result<()> {
    let write = |param: &Option<String>, output: &mut BytesMut| match param {
        None => Ok(IsNull::Yes),
        Some(text) => {
            output.put_slice(text.as_bytes());
            Ok(IsNull::No)
        }
    };
    frontend::bind("", "", [], params, write, [], output).map_err(|error| match error {
        frontend::BindError::Conversion(error) => io::Error::other(error),
        frontend::BindError::Serialization(error) => error,
    })
}
