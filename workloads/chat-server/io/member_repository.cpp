#include "workloads/chat-server/io/member_repository.hpp"

#include "libs/postgres/reads.hpp"
#include "workloads/chat-server/io/rows.hpp"
#include "workloads/chat-server/io/statements.hpp"

#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

Member member_from(const pqxx::row& row) {
    return {.user_id = row[0].as<std::string>(),
            .handle = row[1].as<std::string>(),
            .display_name = row[2].as<std::string>(),
            .role = room_role_named(row[3].view()).value_or(RoomRole::Member),
            .joined_at = rfc3339_of(row[4].view()),
            .last_delivered_seq = row[5].as<std::int64_t>(),
            .last_read_seq = row[6].as<std::int64_t>()};
}

std::optional<Member> one_member(const pqxx::result& rows) {
    if (rows.empty()) return std::nullopt;
    return member_from(rows[0]);
}

MemberRepository::Change change_member(pqxx::transaction_base& query, const std::string& room_id,
                                       const std::string& user_id, std::optional<RoomRole> now,
                                       std::optional<RoomRole> wanted) {
    using enum MemberRepository::Change;
    if (!wanted) {
        const pqxx::params key{room_id, user_id};
        const auto removed = query.exec(pqxx::prepped{kRemoveMember}, key).affected_rows();
        return removed > 0 || !now ? Done : LastOwner;
    }
    const pqxx::params values{room_id, user_id, std::string(to_string(*wanted))};
    if (!now) {
        query.exec(pqxx::prepped{kPutMember}, values);
        return Done;
    }
    return query.exec(pqxx::prepped{kChangeRole}, values).affected_rows() > 0 ? Done : LastOwner;
}

JoinedRoom joined_room_from(const pqxx::row& row) {
    return {.room = room_from(row),
            .role = room_role_named(row[7].view()).value_or(RoomRole::Member),
            .last_seq = row[8].as<std::int64_t>(),
            .last_read_seq = row[9].as<std::int64_t>()};
}

}  // namespace

awaitable<std::optional<RoomAccess>> MemberRepository::access(std::string room_id,
                                                              std::string user_id,
                                                              postgres::Lsn after_write,
                                                              Deadline deadline) {
    auto find = [room_id = std::move(room_id), user_id = std::move(user_id)](
                    pqxx::connection& connection) -> std::optional<RoomAccess> {
        pqxx::nontransaction query(connection);
        const auto rows = query.exec(pqxx::prepped{kFindAccess}, pqxx::params{room_id, user_id});
        if (rows.empty()) return std::nullopt;
        RoomAccess access{.kind = room_kind_named(rows[0][0].view()).value_or(RoomKind::Private)};
        if (!rows[0][1].is_null()) access.role = room_role_named(rows[0][1].view());
        return access;
    };
    return reads_.run(std::move(find), after_write, deadline);
}

awaitable<std::optional<Member>> MemberRepository::find(std::string room_id, std::string user_id,
                                                        Deadline deadline) {
    auto find = [room_id = std::move(room_id),
                 user_id = std::move(user_id)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        return one_member(query.exec(pqxx::prepped{kFindMember}, pqxx::params{room_id, user_id}));
    };
    return pool_.run(std::move(find), deadline);
}

awaitable<MemberPage> MemberRepository::list(std::string room_id, std::optional<std::string> after,
                                             int limit, postgres::Lsn after_write,
                                             Deadline deadline) {
    auto list = [room_id = std::move(room_id), after = std::move(after),
                 limit](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const pqxx::params values{room_id, limit + 1, after};
        MemberPage page;
        for (const auto& row : query.exec(pqxx::prepped{kListMembers}, values)) {
            page.members.push_back(member_from(row));
        }
        page.has_more = std::cmp_greater(page.members.size(), limit);
        if (page.has_more) page.members.pop_back();
        return page;
    };
    return reads_.run(std::move(list), after_write, deadline);
}

awaitable<JoinedRoomPage> MemberRepository::rooms_of(std::string user_id,
                                                     std::optional<std::string> after, int limit,
                                                     postgres::Lsn after_write, Deadline deadline) {
    auto list = [user_id = std::move(user_id), after = std::move(after),
                 limit](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const pqxx::params values{user_id, limit + 1, after};
        JoinedRoomPage page;
        for (const auto& row : query.exec(pqxx::prepped{kListJoinedRooms}, values)) {
            page.rooms.push_back(joined_room_from(row));
        }
        page.has_more = std::cmp_greater(page.rooms.size(), limit);
        if (page.has_more) page.rooms.pop_back();
        return page;
    };
    return reads_.run(std::move(list), after_write, deadline);
}

awaitable<MemberRepository::Change> MemberRepository::change(std::string room_id,
                                                             std::string user_id,
                                                             std::optional<RoomRole> now,
                                                             std::optional<RoomRole> wanted,
                                                             Deadline deadline) {
    auto change = [room_id = std::move(room_id), user_id = std::move(user_id), now,
                   wanted](pqxx::connection& connection) {
        try {
            pqxx::work transaction(connection);
            if (now) transaction.exec(pqxx::prepped{kLockMembers}, pqxx::params{room_id});
            const Change outcome = change_member(transaction, room_id, user_id, now, wanted);
            transaction.commit();
            return outcome;
        } catch (const pqxx::foreign_key_violation&) {
            return Change::NoSuchUser;
        }
    };
    return pool_.run(std::move(change), deadline);
}

awaitable<std::optional<Member>> MemberRepository::put_receipt(std::string room_id,
                                                               std::string user_id, Receipt receipt,
                                                               Deadline deadline) {
    auto put = [room_id = std::move(room_id), user_id = std::move(user_id),
                receipt](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const pqxx::params values{room_id, user_id, receipt.delivered.value_or(0),
                                  receipt.read.value_or(0), false};
        return one_member(query.exec(pqxx::prepped{kPutReceipt}, values));
    };
    return pool_.run(std::move(put), deadline);
}

}  // namespace chatflow::chat
