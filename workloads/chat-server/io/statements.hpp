#pragma once

#include "libs/postgres/pooled_connection.hpp"

namespace chatflow::chat {

/// Gets a new connection ready for the repositories: refuses a database whose schema is older than
/// this program, and prepares the statements below.
void prepare_connection(pqxx::connection& connection);

// Names of prepared statements.
constexpr const char* kInsertRoom = "insert_room";
constexpr const char* kUpdateRoom = "update_room";
constexpr const char* kFindRooms = "find_rooms";
constexpr const char* kListRooms = "list_rooms";
constexpr const char* kListRoomsAfter = "list_rooms_after";
constexpr const char* kInsertMessage = "insert_message";
constexpr const char* kInsertMessageOnce = "insert_message_once";
constexpr const char* kInsertMessages = "insert_messages";
constexpr const char* kFindMessage = "find_message";
constexpr const char* kMessagesBefore = "messages_before";
constexpr const char* kMessagesAfter = "messages_after";

}  // namespace chatflow::chat
