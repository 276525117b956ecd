#include "workloads/socket/hub/room_table.hpp"

#include <algorithm>

namespace chatflow::socket {

void RoomTable::join(Member& member, std::string_view name) {
    auto found = rooms_.find(name);
    if (found == rooms_.end()) {
        found = rooms_.emplace(std::string(name), std::make_unique<Room>()).first;
        found->second->name = name;
    }
    Room& room = *found->second;
    const bool is_in = std::ranges::contains(member.places, &room, &Place::room);
    if (is_in) return;
    member.places.push_back({&room, static_cast<std::uint32_t>(room.members.size())});
    room.members.push_back(&member);
}

void RoomTable::leave(Member& member, std::string_view name) {
    const auto place =
        std::ranges::find_if(member.places, [&](const Place& at) { return at.room->name == name; });
    if (place == member.places.end()) return;
    const Place left = *place;
    member.places.erase(place);
    vacate(left);
}

void RoomTable::leave_all(Member& member) {
    for (const Place& place : member.places) vacate(place);
    member.places.clear();
}

std::span<Member* const> RoomTable::members(std::string_view room) const {
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return {};
    return found->second->members;
}

// The last of the room takes the place that is free.
void RoomTable::vacate(Place place) {
    auto& members = place.room->members;
    Member* const last = members.back();
    members.pop_back();
    if (place.index < members.size()) {
        members[place.index] = last;
        std::ranges::find(last->places, place.room, &Place::room)->index = place.index;
    }
    if (members.empty()) rooms_.erase(rooms_.find(std::string_view(place.room->name)));
}

}  // namespace chatflow::socket
