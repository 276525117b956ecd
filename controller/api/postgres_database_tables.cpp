#include "controller/api/patterns.hpp"
#include "controller/api/postgres_topology_tables.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace chatflow::api::schema {

namespace {

constexpr std::size_t kRoleMax = 40;  // TOPOLOGY-user-NAME has to be an object's name
constexpr std::size_t kRolesMax = 16;
constexpr std::size_t kExtensionsMax = 32;

constexpr Pattern kRole{"^[a-z][a-z0-9_]*$", "lowercase letters, digits and '_'"};
// Of PostgreSQL, Patroni and ourselves.
constexpr std::array<std::string_view, 5> kReserved{"postgres", "standby", "rewind", "template0",
                                                    "template1"};

bool is_free(const std::string& name) {
    return !std::ranges::contains(kReserved, name) && !name.starts_with("pg_") &&
           !name.starts_with("chatflow_");
}

constexpr std::string_view kFreeCel =
    "!(self.name in ['postgres', 'standby', 'rewind', 'template0', 'template1']) && "
    "!self.name.startsWith('pg_') && !self.name.startsWith('chatflow_')";
constexpr const char* kFreeSentence =
    "must not be one that PostgreSQL, Patroni or the operator has: postgres, standby, rewind, "
    "pg_…, chatflow_…";

}  // namespace

template <>
const Struct<PostgresUser>& table<PostgresUser>() {
    using U = PostgresUser;
    static const Struct<U> kTable{
        "PostgresUser",
        "A role that may log in. Its password is generated, into the Secret TOPOLOGY-user-NAME; a "
        "password that is changed there is changed in the database.",
        {field("name", &U::name)
             .required()
             .size(1, kRoleMax)
             .form(kRole)
             .doc("Name of the role.")
             .example("chat"),
         field("memberOf", &U::member_of)
             .size(0, kRolesMax)
             .each_size(1, kLabelMax)
             .doc("Roles whose rights it has, such as pg_read_all_data.")
             .example("[pg_read_all_data]")},
        {rule<U>(kFreeCel, [](const U& u) { return is_free(u.name); }, "name", kFreeSentence)}};
    return kTable;
}

template <>
const Struct<PostgresDatabase>& table<PostgresDatabase>() {
    using D = PostgresDatabase;
    static const Struct<D> kTable{
        "PostgresDatabase",
        "A database.",
        {field("name", &D::name)
             .required()
             .size(1, kLabelMax)
             .form(kRole)
             .doc("Name of the database.")
             .example("chat"),
         field("owner", &D::owner)
             .required()
             .size(1, kRoleMax)
             .form(kRole)
             .doc("One of the users.")
             .example("chat"),
         field("extensions", &D::extensions)
             .size(0, kExtensionsMax)
             .each_size(1, kLabelMax)
             .doc("Extensions that it has, of those that the image brings.")
             .example("[pg_trgm]")},
        {rule<D>(kFreeCel, [](const D& d) { return is_free(d.name); }, "name", kFreeSentence)}};
    return kTable;
}

}  // namespace chatflow::api::schema
