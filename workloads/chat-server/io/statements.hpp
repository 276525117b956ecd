#pragma once

#include "libs/postgres/pooled_connection.hpp"

namespace chatflow::chat {

/// Gets a new connection ready for the repositories: refuses a database whose schema is older than
/// this program, and prepares the statements below.
void prepare_connection(pqxx::connection& connection);

// In place of a cursor that is not given: a condition that may be missing altogether would need a
// plan for each case. No id is one of these two.
constexpr const char* kGreatestUuid = "'ffffffff-ffff-ffff-ffff-ffffffffffff'";
constexpr const char* kLeastUuid = "'00000000-0000-0000-0000-000000000000'";

// Names of prepared statements.
constexpr const char* kInsertRoom = "insert_room";
constexpr const char* kInsertDirectRoom = "insert_direct_room";
constexpr const char* kFindDirectRoom = "find_direct_room";
constexpr const char* kUpdateRoom = "update_room";
constexpr const char* kFindRooms = "find_rooms";
constexpr const char* kListRooms = "list_rooms";
constexpr const char* kInsertMessage = "insert_message";
constexpr const char* kInsertMessageOnce = "insert_message_once";
constexpr const char* kInsertMessages = "insert_messages";
constexpr const char* kFindMessage = "find_message";
constexpr const char* kMessagesBefore = "messages_before";
constexpr const char* kMessagesAfter = "messages_after";
constexpr const char* kFindForChange = "find_for_change";
constexpr const char* kLockMessage = "lock_message";
constexpr const char* kEditMessage = "edit_message";
constexpr const char* kDeleteMessage = "delete_message";
constexpr const char* kAddReaction = "add_reaction";
constexpr const char* kRemoveReaction = "remove_reaction";
constexpr const char* kFindReaction = "find_reaction";
constexpr const char* kListReplies = "list_replies";
constexpr const char* kSearchMessages = "search_messages";
constexpr const char* kTakeLease = "take_lease";
constexpr const char* kReleaseLease = "release_lease";
constexpr const char* kReadOutbox = "read_outbox";
constexpr const char* kRemoveFromOutbox = "remove_from_outbox";
constexpr const char* kFindAccess = "find_access";
constexpr const char* kListMembers = "list_members";
constexpr const char* kFindMember = "find_member";
constexpr const char* kLockMembers = "lock_members";
constexpr const char* kPutMember = "put_member";
constexpr const char* kChangeRole = "change_role";
constexpr const char* kRemoveMember = "remove_member";
constexpr const char* kPutReceipt = "put_receipt";
constexpr const char* kListJoinedRooms = "list_joined_rooms";
constexpr const char* kInsertUser = "insert_user";
constexpr const char* kFindCredentials = "find_credentials";
constexpr const char* kFindUser = "find_user";
constexpr const char* kRenameUser = "rename_user";
constexpr const char* kReplacePasswordHash = "replace_password_hash";
constexpr const char* kOpenSession = "open_session";
constexpr const char* kRenewSession = "renew_session";
constexpr const char* kEndReusedSession = "end_reused_session";
constexpr const char* kCloseSession = "close_session";
constexpr const char* kCloseSessions = "close_sessions";
constexpr const char* kBan = "ban";
constexpr const char* kTellBan = "tell_ban";
constexpr const char* kLiftBan = "lift_ban";
constexpr const char* kLiftEndedBans = "lift_ended_bans";
constexpr const char* kBansChangedAfter = "bans_changed_after";

}  // namespace chatflow::chat
