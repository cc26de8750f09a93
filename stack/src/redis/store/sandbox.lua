-- Makes a plain Lua 5.1 state into what a Redis 7 script sees. Called once with the functions that Rust provides; gives back two
-- functions: one that compiles a script and one that runs it.
local call, failure, cjson = ...

local raise, kind, text, getinfo = error, type, tostring, debug.getinfo
local xpcall, setfenv, setmetatable, loadstring = xpcall, setfenv, setmetatable, loadstring
local HERE = '@sandbox'

-- `redis.call` raises an error object of Rust; scripts expect a table. It must be no Lua function around it: a tail call to one would
-- take the script's own line out of the error.
local function as_table(err)
    if kind(err) == 'userdata' then return { err = failure(err) } end
    return err
end
local function read_only(table)
    return setmetatable({}, {
        __index = table,
        __newindex = function() raise('Attempt to modify a readonly table', 2) end,
        __metatable = false,
    })
end

local visible = {
    assert = assert, error = error, getmetatable = getmetatable, ipairs = ipairs, next = next, pairs = pairs,
    rawequal = rawequal, rawget = rawget, rawset = rawset, select = select, setmetatable = setmetatable,
    tonumber = tonumber, tostring = tostring, type = type, unpack = unpack,
    string = read_only(string), table = read_only(table), math = read_only(math), cjson = read_only(cjson),
    redis = read_only({ call = call }),
}
local globals = setmetatable({}, {
    __index = function(_, name)
        local value = visible[name]
        if value == nil then
            raise("Script attempted to access nonexistent global variable '" .. text(name) .. "'", 2)
        end
        return value
    end,
    __newindex = function() raise('Attempt to modify a readonly table', 2) end,
    __metatable = false,
})
-- Strings carry their methods in a metatable of their own, which a script could reach and change for all later ones.
getmetatable('').__metatable = false

-- Adds to an error where in the script it was raised.
local function with_place(err)
    err = as_table(err)
    if kind(err) ~= 'table' then err = { err = 'ERR ' .. text(err) } end
    local level = 2
    local place = getinfo(level, 'Sl')
    while place and (place.what == 'C' or place.source == HERE) do
        level = level + 1
        place = getinfo(level, 'Sl')
    end
    if place then
        err.source, err.line = place.source, place.currentline
    end
    return err
end

local function compile(source)
    local script, words = loadstring(source, '@user_script')
    if not script then return nil, words end
    return setfenv(script, globals)
end

local function run(script, keys, arguments)
    visible.KEYS, visible.ARGV = keys, arguments
    local fine, result = xpcall(script, with_place)
    visible.KEYS, visible.ARGV = nil, nil
    if fine then return result end
    if kind(result) ~= 'table' or kind(result.err) ~= 'string' then return nil, 'ERR ' .. text(result) end
    return nil, result.err, result.source, result.line
end

return compile, run
