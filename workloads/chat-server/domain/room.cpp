#include "workloads/chat-server/domain/room.hpp"

namespace chatflow::chat {

std::string_view to_string(RoomKind kind) {
    switch (kind) {
        case RoomKind::Public:
            return "public";
        case RoomKind::Private:
            return "private";
        case RoomKind::Direct:
            return "direct";
    }
    return "public";
}

std::optional<RoomKind> room_kind_named(std::string_view name) {
    for (const RoomKind kind : {RoomKind::Public, RoomKind::Private, RoomKind::Direct}) {
        if (to_string(kind) == name) return kind;
    }
    return std::nullopt;
}

}  // namespace chatflow::chat
