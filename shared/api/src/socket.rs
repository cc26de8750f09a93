//! Where the chat's WebSocket is asked for (docs/websocket.md). It is the runtime that opens it: `functions/worker/socket.js`, whose frames are requests
//! to the other routes.

use application::App;
use http::{HeaderMap, header};

use crate::endpoint::{Endpoint, HandlerResult};
use crate::problem::Problem;
use crate::request::Request;
use crate::response::no_content;

const SOCKET: &str = "/api/v1/chat/ws";

/// What the frames are called.
const PROTOCOL: &str = "edgewise.v1";

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[Endpoint::socket(SOCKET, |app, request| Box::pin(open(app, request)))];

/// Open a WebSocket for the subprotocol `edgewise.v1`, where the server has them (501 `not_supported` elsewhere). The first frame shows the token: an
/// address with a query is refused, for addresses are written into logs.
#[utoipa::path(
    get, path = SOCKET, tag = "messages", operation_id = "open_socket", security(()),
    responses((status = 101, description = "The frames of docs/websocket.md"), Problem)
)]
async fn open(app: App, request: Request) -> HandlerResult {
    if !app.platform.has_sockets {
        return Err(Problem::no_sockets());
    }
    if request.has_query() {
        return Err(Problem::invalid_field("token", "The token is shown in the first frame, never in the address."));
    }
    let headers = request.headers();
    if !names(headers, header::UPGRADE, "websocket") {
        return Err(Problem::invalid_field("Upgrade", "This address is for a WebSocket."));
    }
    if !names(headers, header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL) {
        return Err(Problem::invalid_field("Sec-WebSocket-Protocol", format!("The protocol must be {PROTOCOL}.")));
    }
    // The runtime takes it from here. 101 is its own to say.
    Ok(no_content())
}

/// Whether one of the words of a header is this.
fn names(headers: &HeaderMap, name: http::HeaderName, wanted: &str) -> bool {
    let values = headers.get_all(name);
    let mut words = values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    words.any(|word| word.trim().eq_ignore_ascii_case(wanted))
}
