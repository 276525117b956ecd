#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace chatflow::socket {

struct Member;

/// Who is in which room, on this pod.
class RoomTable {
 public:
    /// Nothing changes when it is there already.
    void join(Member& member, std::string_view room);
    void leave(Member& member, std::string_view room);
    void leave_all(Member& member);

    /// In no order. Until the next change.
    [[nodiscard]] std::span<Member* const> members(std::string_view room) const;
    [[nodiscard]] std::size_t rooms() const { return rooms_.size(); }

    struct Room {
        std::string name;
        std::vector<Member*> members;
    };
    /// A member's place in a room: where it stands in the room's list.
    struct Place {
        Room* room;
        std::uint32_t index;
    };

 private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };

    void vacate(Place place);

    std::unordered_map<std::string, std::unique_ptr<Room>, Hash, std::equal_to<>> rooms_;
};

/// The part of a member that the table keeps.
struct Member {
    std::vector<RoomTable::Place> places;
};

}  // namespace chatflow::socket
