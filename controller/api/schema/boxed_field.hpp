#pragma once

#include "controller/api/boxed.hpp"
#include "controller/api/schema/field.hpp"

namespace chatflow::api::schema {

/// In a table a boxed member is what an optional one is.
template <class V>
struct ValueOf<Boxed<V>> {
    using type = V;
    static constexpr bool kIsOptional = true;
};

}  // namespace chatflow::api::schema
