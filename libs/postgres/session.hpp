#pragma once

#include <span>
#include <string>

namespace pqxx {
class connection;
}

namespace chatflow::postgres {

/// A setting of a session: {"statement_timeout", "5000"}.
struct SessionSetting {
    std::string name;
    std::string value;
};

/// Gives the session these settings. False, and nothing is changed, where the session is not ours:
/// a pooler in between gives it to others after each transaction.
[[nodiscard]] bool set_session(pqxx::connection& connection,
                               std::span<const SessionSetting> settings);

/// Whether there is no pooler in between.
[[nodiscard]] bool is_session_ours(pqxx::connection& connection);

}  // namespace chatflow::postgres
