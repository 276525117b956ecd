#pragma once

#include "libs/postgres/pooled_connection.hpp"

namespace chatflow::chat {

/// Prepares the statements about messages: sending, reading, changing, finding.
void prepare_messages(pqxx::connection& connection);

}  // namespace chatflow::chat
