#pragma once

namespace pqxx {
class connection;
}

namespace chatflow::chat {

/// Gives a connection the settings that the statements are written for. Behind a pooler, where
/// sessions are shared, the role must have them: throws postgres::Unavailable when it does not.
void give_settings(pqxx::connection& connection);

/// Gives them to the connection's role in this database, where they are not there yet: for
/// sessions that a pooler makes from now on.
void give_settings_to_role(pqxx::connection& connection);

}  // namespace chatflow::chat
