//! `/admin/maintenance`: for an operator's scheduler, where the platform has none.

use application::maintenance::{self, Maintained};
use application::{App, operator_token};
use domain::Tended;
use http::{Method, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, HandlerResult};
use crate::problem::Problem;
use crate::request::Request;
use crate::response;

const MAINTENANCE: &str = "/api/v1/admin/maintenance";

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] =
    &[Endpoint::maintenance(Method::POST, MAINTENANCE, |app, request| Box::pin(run(app, request)))];

/// What a run has done, in rows; or, of a dry run, what there is to do.
#[derive(Serialize, ToSchema)]
pub(crate) struct MaintenanceView {
    /// Nothing was changed.
    dry_run: bool,
    /// Nothing is left to do. If not, the next run goes on.
    finished: bool,
    /// Guests who are deleted because they have written nothing for long.
    idle_guests: u64,
    /// Sessions that are deleted because nobody has touched them for long. They can be restored for as long as others.
    idle_sessions: u64,
    /// Sessions that are removed for good.
    sessions: u64,
    /// Messages that are.
    messages: u64,
    /// Users who are, idle guests among them.
    users: u64,
    /// Devices whose refresh token has ended.
    devices: u64,
    /// Links that ended long ago.
    shares: u64,
    /// API keys that did.
    api_keys: u64,
}

impl MaintenanceView {
    fn new(dry_run: bool, finished: bool, tended: Tended) -> Self {
        let Tended { idle_guests, idle_sessions, sessions, messages, users, devices, shares, api_keys } = tended;
        Self { dry_run, finished, idle_guests, idle_sessions, sessions, messages, users, devices, shares, api_keys }
    }
}

/// Remove what has been kept long enough, at most some 8,000 rows: to be asked for once a day, with `MAINTENANCE_TOKEN` as the bearer's token. Without
/// that variable the route is not there. On Workers a cron trigger does the same.
#[utoipa::path(
    post, path = MAINTENANCE, tag = "admin", operation_id = "run_maintenance",
    params(("dry_run" = Option<bool>, Query, description = "`true`: only say what there is to do")),
    responses((status = 200, body = MaintenanceView), Problem)
)]
async fn run(app: App, request: Request) -> HandlerResult {
    request.shows(&app, operator_token::is_for_maintenance)?;
    let is_dry = match request.query("dry_run").as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Problem::wrong_text("dry_run")),
    };
    let view = if is_dry {
        let due = maintenance::look(&app).await?;
        MaintenanceView::new(true, due == Tended::default(), due)
    } else {
        let Maintained { tended, is_finished } = maintenance::run(&app).await?;
        MaintenanceView::new(false, is_finished, tended)
    };
    Ok(response::json(StatusCode::OK, &view))
}
