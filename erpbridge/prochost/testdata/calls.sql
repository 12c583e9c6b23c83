-- ======== a customer is created
-- companies
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(40) = cast(@p1 as varchar(40));
exec @crm_code = [dbo].[cegkeres] @cegkod = @crm_1;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "COMPANY"
-- customers.find
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(40) = cast(@p1 as varchar(40)), @crm_2 varchar(80) = cast(@p2 as varchar(80));
exec @crm_code = [dbo].[vevokeres] @cegkod = @crm_1, @kulsoazon = @crm_2;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "COMPANY"
--   @p2 string = "token of the golden file"
-- customers.check
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(20) = cast(@p1 as varchar(20)), @crm_2 varchar(40) = cast(@p2 as varchar(40)), @crm_3 char(3) = cast(@p3 as char(3)), @crm_4 varchar(100) = cast(@p4 as varchar(100)), @crm_5 varchar(10) = cast(@p1 as varchar(10)), @crm_6 char(1) = cast(@p5 as char(1)), @crm_7 int = cast(@p6 as int), @crm_8 char(2) = cast(@p1 as char(2)), @crm_9 char(1) = cast(@p7 as char(1)), @crm_10 nvarchar(80) = cast(@p1 as nvarchar(80)), @crm_11 nvarchar(50) = cast(@p1 as nvarchar(50)), @crm_12 nvarchar(100) = cast(@p8 as nvarchar(100));
exec @crm_code = [dbo].[vevoellen] @adoszam = @crm_1, @cegkod = @crm_2, @devizanem = @crm_3, @email = @crm_4, @irszam = @crm_5, @maganszem = @crm_6, @napok = @crm_7, @orszag = @crm_8, @szamlahoz = @crm_9, @utca = @crm_10, @varos = @crm_11, @vevnev = @crm_12;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 <nil> = "<nil>"
--   @p2 string = "COMPANY"
--   @p3 string = "HUF"
--   @p4 string = "szoke.aron@example.com"
--   @p5 string = "I"
--   @p6 int64 = "15"
--   @p7 string = "N"
--   @p8 string = "Szőke Áron"
-- customers.create
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(20) = cast(@p1 as varchar(20)), @crm_2 varchar(20) = cast(@p1 as varchar(20)), @crm_3 varchar(6) = cast(@p1 as varchar(6)), @crm_4 varchar(40) = cast(@p2 as varchar(40)), @crm_5 char(3) = cast(@p3 as char(3)), @crm_6 varchar(100) = cast(@p4 as varchar(100)), @crm_7 varchar(20) = cast(@p1 as varchar(20)), @crm_8 varchar(10) = cast(@p1 as varchar(10)), @crm_9 nvarchar(50) = cast(@p5 as nvarchar(50)), @crm_10 varchar(80) = cast(@p6 as varchar(80)), @crm_11 char(1) = cast(@p7 as char(1)), @crm_12 nvarchar(40) = cast(@p1 as nvarchar(40)), @crm_13 int = cast(@p8 as int), @crm_14 nvarchar(200) = cast(@p9 as nvarchar(200)), @crm_15 char(2) = cast(@p10 as char(2)), @crm_16 char(2) = cast(@p1 as char(2)), @crm_17 datetime = cast(@p11 as datetime), @crm_18 varchar(20) = cast(@p12 as varchar(20)), @crm_19 varchar(30) = cast(@p1 as varchar(30)), @crm_20 nvarchar(80) = cast(@p1 as nvarchar(80)), @crm_21 nvarchar(80) = cast(@p1 as nvarchar(80)), @crm_22 nvarchar(50) = cast(@p1 as nvarchar(50)), @crm_23 nvarchar(100) = cast(@p13 as nvarchar(100)), @crm_24 varchar(7), @crm_25 nvarchar(50) = cast(@p14 as nvarchar(50)), @crm_26 varchar(100) = cast(@p1 as varchar(100));
exec @crm_code = [dbo].[vevofelv] @adokulcs = @crm_1, @adoszam = @crm_2, @arlkod = @crm_3, @cegkod = @crm_4, @devizanem = @crm_5, @email = @crm_6, @euadoszam = @crm_7, @irszam = @crm_8, @keresztnev = @crm_9, @kulsoazon = @crm_10, @maganszem = @crm_11, @megye = @crm_12, @napok = @crm_13, @nevkulcs = @crm_14, @nyelv = @crm_15, @orszag = @crm_16, @rogzido = @crm_17, @rogzito = @crm_18, @telefon = @crm_19, @utca = @crm_20, @utca2 = @crm_21, @varos = @crm_22, @vevnev = @crm_23, @vevokod = @crm_24 output, @vezeteknev = @crm_25, @weblap = @crm_26;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state, @crm_24 as crm_out1
--   @p1 <nil> = "<nil>"
--   @p2 string = "COMPANY"
--   @p3 string = "HUF"
--   @p4 string = "szoke.aron@example.com"
--   @p5 string = "Áron"
--   @p6 string = "token of the golden file"
--   @p7 string = "I"
--   @p8 int64 = "15"
--   @p9 string = "aron szoke"
--   @p10 string = "hu"
--   @p11 string = "2026-07-13T10:30:00.000"
--   @p12 string = "KOVACSA"
--   @p13 string = "Szőke Áron"
--   @p14 string = "Szőke"
-- customers.read
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(40) = cast(@p1 as varchar(40)), @crm_2 varchar(7) = cast(@p2 as varchar(7));
exec @crm_code = [dbo].[vevokeres] @cegkod = @crm_1, @vevokod = @crm_2;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "COMPANY"
--   @p2 string = "CUSTOMER"
-- ======== an empty field is filled
-- customers.read
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(40) = cast(@p1 as varchar(40)), @crm_2 varchar(7) = cast(@p2 as varchar(7));
exec @crm_code = [dbo].[vevokeres] @cegkod = @crm_1, @vevokod = @crm_2;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "COMPANY"
--   @p2 string = "CUSTOMER"
-- customers.fill
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(20) = cast(@p1 as varchar(20)), @crm_2 varchar(20) = cast(@p1 as varchar(20)), @crm_3 varchar(40) = cast(@p2 as varchar(40)), @crm_4 varchar(100) = cast(@p1 as varchar(100)), @crm_5 varchar(10) = cast(@p1 as varchar(10)), @crm_6 datetime = cast(@p3 as datetime), @crm_7 varchar(20) = cast(@p4 as varchar(20)), @crm_8 char(2) = cast(@p1 as char(2)), @crm_9 varchar(30) = cast(@p5 as varchar(30)), @crm_10 nvarchar(80) = cast(@p1 as nvarchar(80)), @crm_11 nvarchar(80) = cast(@p1 as nvarchar(80)), @crm_12 nvarchar(50) = cast(@p1 as nvarchar(50)), @crm_13 varchar(7) = cast(@p6 as varchar(7)), @crm_14 varchar(100) = cast(@p1 as varchar(100));
exec @crm_code = [dbo].[vevopotol] @adokulcs = @crm_1, @adoszam = @crm_2, @cegkod = @crm_3, @email = @crm_4, @irszam = @crm_5, @modido = @crm_6, @modosito = @crm_7, @orszag = @crm_8, @telefon = @crm_9, @utca = @crm_10, @utca2 = @crm_11, @varos = @crm_12, @vevokod = @crm_13, @weblap = @crm_14;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 <nil> = "<nil>"
--   @p2 string = "COMPANY"
--   @p3 string = "2026-07-13T10:30:00.000"
--   @p4 string = "KOVACSA"
--   @p5 string = "+36301112233"
--   @p6 string = "CUSTOMER"
-- ======== customers are looked for
-- customers.match
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(40) = cast(@p1 as varchar(40));
declare @crm_2 [dbo].[kulcslista];
insert into @crm_2 ([adokulcs], [email], [kulcs], [nevkulcs], [telefon]) values (cast(@p2 as varchar(20)), cast(@p3 as varchar(100)), cast(@p4 as int), cast(@p2 as nvarchar(200)), cast(@p2 as varchar(30))), (cast(@p2 as varchar(20)), cast(@p2 as varchar(100)), cast(@p5 as int), cast(@p6 as nvarchar(200)), cast(@p7 as varchar(30)));
exec @crm_code = [dbo].[vevoegyez] @cegkod = @crm_1, @kulcsok = @crm_2;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "COMPANY"
--   @p2 <nil> = "<nil>"
--   @p3 string = "szoke.aron@example.com"
--   @p4 int64 = "0"
--   @p5 int64 = "1"
--   @p6 string = "szoke aron"
--   @p7 string = "+36301112233"
-- ======== a contact person is created, and found by the token
-- contacts.find
select [vevokod] as [vevokod], [email] as [email], [vezeteknev] as [vezeteknev], [keresztnev] as [keresztnev], [beosztas] as [beosztas], [kapcsazon] as [kapcsazon], [nyelv] as [nyelv], [mobil] as [mobil], [kapcsnev] as [kapcsnev], [telefon] as [telefon] from [dbo].[kapcstart] where [cegkod] = cast(@p1 as varchar(40)) and [kulsoazon] = cast(@p2 as varchar(80))
--   @p1 string = "COMPANY"
--   @p2 string = "token of the golden file"
-- contacts.check
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(100) = cast(@p1 as varchar(100)), @crm_2 nvarchar(100) = cast(@p2 as nvarchar(100));
exec @crm_code = [dbo].[kapcsellen] @email = @crm_1, @kapcsnev = @crm_2;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "dana@example.com"
--   @p2 string = "דנה לוי"
-- contacts.create
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 nvarchar(60) = cast(@p1 as nvarchar(60)), @crm_2 varchar(40) = cast(@p2 as varchar(40)), @crm_3 varchar(100) = cast(@p3 as varchar(100)), @crm_4 nvarchar(100) = cast(@p4 as nvarchar(100)), @crm_5 nvarchar(50) = cast(@p1 as nvarchar(50)), @crm_6 varchar(80) = cast(@p5 as varchar(80)), @crm_7 varchar(30) = cast(@p1 as varchar(30)), @crm_8 char(2) = cast(@p1 as char(2)), @crm_9 datetime = cast(@p6 as datetime), @crm_10 varchar(20) = cast(@p7 as varchar(20)), @crm_11 varchar(30) = cast(@p1 as varchar(30)), @crm_12 varchar(7) = cast(@p8 as varchar(7)), @crm_13 nvarchar(50) = cast(@p1 as nvarchar(50));
exec @crm_code = [dbo].[kapcsfelv] @beosztas = @crm_1, @cegkod = @crm_2, @email = @crm_3, @kapcsnev = @crm_4, @keresztnev = @crm_5, @kulsoazon = @crm_6, @mobil = @crm_7, @nyelv = @crm_8, @rogzido = @crm_9, @rogzito = @crm_10, @telefon = @crm_11, @vevokod = @crm_12, @vezeteknev = @crm_13;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 <nil> = "<nil>"
--   @p2 string = "COMPANY"
--   @p3 string = "dana@example.com"
--   @p4 string = "דנה לוי"
--   @p5 string = "token of the golden file"
--   @p6 string = "2026-07-13T10:30:00.000"
--   @p7 string = "KOVACSA"
--   @p8 string = "C000001"
-- contacts.find
select [vevokod] as [vevokod], [email] as [email], [vezeteknev] as [vezeteknev], [keresztnev] as [keresztnev], [beosztas] as [beosztas], [kapcsazon] as [kapcsazon], [nyelv] as [nyelv], [mobil] as [mobil], [kapcsnev] as [kapcsnev], [telefon] as [telefon] from [dbo].[kapcstart] where [cegkod] = cast(@p1 as varchar(40)) and [kulsoazon] = cast(@p2 as varchar(80))
--   @p1 string = "COMPANY"
--   @p2 string = "token of the golden file"
-- ======== an order is created: lines as a table
-- documents.order.find
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 char(2) = cast(@p1 as char(2)), @crm_2 varchar(40) = cast(@p2 as varchar(40)), @crm_3 varchar(80) = cast(@p3 as varchar(80));
exec @crm_code = [dbo].[bizkeres] @biztipus = @crm_1, @cegkod = @crm_2, @kulsoazon = @crm_3;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "RE"
--   @p2 string = "COMPANY"
--   @p3 string = "token of the golden file"
-- documents.order.check
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 char(2) = cast(@p1 as char(2)), @crm_2 varchar(40) = cast(@p2 as varchar(40)), @crm_3 char(3) = cast(@p3 as char(3)), @crm_4 varchar(15) = cast(@p4 as varchar(15)), @crm_5 char(2) = cast(@p4 as char(2)), @crm_6 datetime = cast(@p4 as datetime), @crm_7 datetime = cast(@p5 as datetime), @crm_9 varchar(7) = cast(@p18 as varchar(7));
declare @crm_8 [dbo].[sorlista];
insert into @crm_8 ([afakod], [cikkszam], [egysegar], [elozsorsz], [engedmeny], [megnevezes], [mekod], [mennyiseg], [sor]) values (cast(@p6 as char(4)), cast(@p7 as varchar(15)), cast(@p8 as decimal(15,4)), cast(@p4 as int), cast(@p9 as decimal(7,4)), cast(@p4 as nvarchar(400)), cast(@p4 as nvarchar(6)), cast(@p10 as decimal(15,3)), cast(@p11 as int)), (cast(@p12 as char(4)), cast(@p13 as varchar(15)), cast(@p14 as decimal(15,4)), cast(@p4 as int), cast(@p9 as decimal(7,4)), cast(@p15 as nvarchar(400)), cast(@p4 as nvarchar(6)), cast(@p16 as decimal(15,3)), cast(@p17 as int));
exec @crm_code = [dbo].[bizellen] @biztipus = @crm_1, @cegkod = @crm_2, @devizanem = @crm_3, @elozbiz = @crm_4, @eloztipus = @crm_5, @hatarido = @crm_6, @kelt = @crm_7, @sorok = @crm_8, @vevokod = @crm_9;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "RE"
--   @p2 string = "COMPANY"
--   @p3 string = "HUF"
--   @p4 <nil> = "<nil>"
--   @p5 string = "2026-07-13T00:00:00.000"
--   @p6 string = "AF27"
--   @p7 string = "ASZTAL-01"
--   @p8 string = "84900"
--   @p9 string = "0"
--   @p10 string = "2"
--   @p11 int64 = "0"
--   @p12 string = "AF05"
--   @p13 string = "POLC-02"
--   @p14 string = "39900.5"
--   @p15 string = "Полка «Ёлка»"
--   @p16 string = "0.5"
--   @p17 int64 = "1"
--   @p18 string = "C000001"
-- documents.order.create
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(15), @crm_2 char(2) = cast(@p1 as char(2)), @crm_3 varchar(40) = cast(@p2 as varchar(40)), @crm_4 char(3) = cast(@p3 as char(3)), @crm_5 varchar(15) = cast(@p4 as varchar(15)), @crm_6 char(2) = cast(@p4 as char(2)), @crm_7 datetime = cast(@p4 as datetime), @crm_8 nvarchar(40) = cast(@p5 as nvarchar(40)), @crm_9 datetime = cast(@p6 as datetime), @crm_10 varchar(80) = cast(@p7 as varchar(80)), @crm_11 nvarchar(1000) = cast(@p4 as nvarchar(1000)), @crm_12 datetime = cast(@p8 as datetime), @crm_13 varchar(20) = cast(@p9 as varchar(20)), @crm_15 varchar(7) = cast(@p22 as varchar(7));
declare @crm_14 [dbo].[sorlista];
insert into @crm_14 ([afakod], [cikkszam], [egysegar], [elozsorsz], [engedmeny], [megnevezes], [mekod], [mennyiseg], [sor]) values (cast(@p10 as char(4)), cast(@p11 as varchar(15)), cast(@p12 as decimal(15,4)), cast(@p4 as int), cast(@p13 as decimal(7,4)), cast(@p4 as nvarchar(400)), cast(@p4 as nvarchar(6)), cast(@p14 as decimal(15,3)), cast(@p15 as int)), (cast(@p16 as char(4)), cast(@p17 as varchar(15)), cast(@p18 as decimal(15,4)), cast(@p4 as int), cast(@p13 as decimal(7,4)), cast(@p19 as nvarchar(400)), cast(@p4 as nvarchar(6)), cast(@p20 as decimal(15,3)), cast(@p21 as int));
exec @crm_code = [dbo].[bizfelv] @bizszam = @crm_1 output, @biztipus = @crm_2, @cegkod = @crm_3, @devizanem = @crm_4, @elozbiz = @crm_5, @eloztipus = @crm_6, @hatarido = @crm_7, @hivatkozas = @crm_8, @kelt = @crm_9, @kulsoazon = @crm_10, @megjegyzes = @crm_11, @rogzido = @crm_12, @rogzito = @crm_13, @sorok = @crm_14, @vevokod = @crm_15;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state, @crm_1 as crm_out1
--   @p1 string = "RE"
--   @p2 string = "COMPANY"
--   @p3 string = "HUF"
--   @p4 <nil> = "<nil>"
--   @p5 string = "AJ-1"
--   @p6 string = "2026-07-13T00:00:00.000"
--   @p7 string = "token of the golden file"
--   @p8 string = "2026-07-13T10:30:00.000"
--   @p9 string = "KOVACSA"
--   @p10 string = "AF27"
--   @p11 string = "ASZTAL-01"
--   @p12 string = "84900"
--   @p13 string = "0"
--   @p14 string = "2"
--   @p15 int64 = "0"
--   @p16 string = "AF05"
--   @p17 string = "POLC-02"
--   @p18 string = "39900.5"
--   @p19 string = "Полка «Ёлка»"
--   @p20 string = "0.5"
--   @p21 int64 = "1"
--   @p22 string = "C000001"
-- documents.order.read
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(15) = cast(@p1 as varchar(15)), @crm_2 char(2) = cast(@p2 as char(2)), @crm_3 varchar(40) = cast(@p3 as varchar(40));
exec @crm_code = [dbo].[bizkeres] @bizszam = @crm_1, @biztipus = @crm_2, @cegkod = @crm_3;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "ORDER"
--   @p2 string = "RE"
--   @p3 string = "COMPANY"
-- ======== a delivery note is created: a procedure for each line
-- documents.delivery.find
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 char(2) = cast(@p1 as char(2)), @crm_2 varchar(40) = cast(@p2 as varchar(40)), @crm_3 varchar(80) = cast(@p3 as varchar(80));
exec @crm_code = [dbo].[bizkeres] @biztipus = @crm_1, @cegkod = @crm_2, @kulsoazon = @crm_3;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "SL"
--   @p2 string = "COMPANY"
--   @p3 string = "token of the golden file"
-- documents.delivery.check
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 char(2) = cast(@p1 as char(2)), @crm_2 varchar(40) = cast(@p2 as varchar(40)), @crm_3 char(3) = cast(@p3 as char(3)), @crm_4 varchar(15) = cast(@p4 as varchar(15)), @crm_5 char(2) = cast(@p5 as char(2)), @crm_6 datetime = cast(@p3 as datetime), @crm_7 datetime = cast(@p6 as datetime), @crm_9 varchar(7) = cast(@p3 as varchar(7));
declare @crm_8 [dbo].[sorlista];
insert into @crm_8 ([afakod], [cikkszam], [egysegar], [elozsorsz], [engedmeny], [megnevezes], [mekod], [mennyiseg], [sor]) values (cast(@p3 as char(4)), cast(@p3 as varchar(15)), cast(@p7 as decimal(15,4)), cast(@p8 as int), cast(@p7 as decimal(7,4)), cast(@p3 as nvarchar(400)), cast(@p3 as nvarchar(6)), cast(@p9 as decimal(15,3)), cast(@p10 as int));
exec @crm_code = [dbo].[bizellen] @biztipus = @crm_1, @cegkod = @crm_2, @devizanem = @crm_3, @elozbiz = @crm_4, @eloztipus = @crm_5, @hatarido = @crm_6, @kelt = @crm_7, @sorok = @crm_8, @vevokod = @crm_9;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "SL"
--   @p2 string = "COMPANY"
--   @p3 <nil> = "<nil>"
--   @p4 string = "ORDER"
--   @p5 string = "RE"
--   @p6 string = "2026-07-13T00:00:00.000"
--   @p7 string = "0"
--   @p8 int64 = "10"
--   @p9 string = "1"
--   @p10 int64 = "0"
-- documents.delivery.create
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(15), @crm_2 char(2) = cast(@p1 as char(2)), @crm_3 varchar(40) = cast(@p2 as varchar(40)), @crm_4 char(3) = cast(@p3 as char(3)), @crm_5 varchar(15) = cast(@p4 as varchar(15)), @crm_6 char(2) = cast(@p5 as char(2)), @crm_7 datetime = cast(@p3 as datetime), @crm_8 nvarchar(40) = cast(@p3 as nvarchar(40)), @crm_9 datetime = cast(@p6 as datetime), @crm_10 varchar(80) = cast(@p7 as varchar(80)), @crm_11 nvarchar(1000) = cast(@p3 as nvarchar(1000)), @crm_12 datetime = cast(@p8 as datetime), @crm_13 varchar(20) = cast(@p9 as varchar(20)), @crm_14 varchar(7) = cast(@p3 as varchar(7));
exec @crm_code = [dbo].[bizkezd] @bizszam = @crm_1 output, @biztipus = @crm_2, @cegkod = @crm_3, @devizanem = @crm_4, @elozbiz = @crm_5, @eloztipus = @crm_6, @hatarido = @crm_7, @hivatkozas = @crm_8, @kelt = @crm_9, @kulsoazon = @crm_10, @megjegyzes = @crm_11, @rogzido = @crm_12, @rogzito = @crm_13, @vevokod = @crm_14;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state, @crm_1 as crm_out1
--   @p1 string = "SL"
--   @p2 string = "COMPANY"
--   @p3 <nil> = "<nil>"
--   @p4 string = "ORDER"
--   @p5 string = "RE"
--   @p6 string = "2026-07-13T00:00:00.000"
--   @p7 string = "token of the golden file"
--   @p8 string = "2026-07-13T10:30:00.000"
--   @p9 string = "KOVACSA"
-- documents.delivery.create.each_line
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 char(4) = cast(@p1 as char(4)), @crm_2 varchar(15) = cast(@p2 as varchar(15)), @crm_3 varchar(40) = cast(@p3 as varchar(40)), @crm_4 varchar(15) = cast(@p1 as varchar(15)), @crm_5 decimal(15,4) = cast(@p4 as decimal(15,4)), @crm_6 int = cast(@p5 as int), @crm_7 decimal(7,4) = cast(@p4 as decimal(7,4)), @crm_8 nvarchar(400) = cast(@p1 as nvarchar(400)), @crm_9 nvarchar(6) = cast(@p1 as nvarchar(6)), @crm_10 decimal(15,3) = cast(@p6 as decimal(15,3));
exec @crm_code = [dbo].[biztetel] @afakod = @crm_1, @bizszam = @crm_2, @cegkod = @crm_3, @cikkszam = @crm_4, @egysegar = @crm_5, @elozsorsz = @crm_6, @engedmeny = @crm_7, @megnevezes = @crm_8, @mekod = @crm_9, @mennyiseg = @crm_10;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 <nil> = "<nil>"
--   @p2 string = "NOTE"
--   @p3 string = "COMPANY"
--   @p4 string = "0"
--   @p5 int64 = "10"
--   @p6 string = "1"
-- documents.delivery.create.finish
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(15) = cast(@p1 as varchar(15)), @crm_2 varchar(40) = cast(@p2 as varchar(40));
exec @crm_code = [dbo].[bizvege] @bizszam = @crm_1, @cegkod = @crm_2;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "NOTE"
--   @p2 string = "COMPANY"
-- documents.delivery.read
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(15) = cast(@p1 as varchar(15)), @crm_2 char(2) = cast(@p2 as char(2)), @crm_3 varchar(40) = cast(@p3 as varchar(40));
exec @crm_code = [dbo].[bizkeres] @bizszam = @crm_1, @biztipus = @crm_2, @cegkod = @crm_3;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "NOTE"
--   @p2 string = "SL"
--   @p3 string = "COMPANY"
-- ======== an invoice is created: lines as JSON, found by the token
-- documents.invoice.find
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 char(2) = cast(@p1 as char(2)), @crm_2 varchar(40) = cast(@p2 as varchar(40)), @crm_3 varchar(80) = cast(@p3 as varchar(80));
exec @crm_code = [dbo].[bizkeres] @biztipus = @crm_1, @cegkod = @crm_2, @kulsoazon = @crm_3;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "SZ"
--   @p2 string = "COMPANY"
--   @p3 string = "token of the golden file"
-- documents.invoice.check
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 char(2) = cast(@p1 as char(2)), @crm_2 varchar(40) = cast(@p2 as varchar(40)), @crm_3 char(3) = cast(@p3 as char(3)), @crm_4 varchar(15) = cast(@p4 as varchar(15)), @crm_5 char(2) = cast(@p5 as char(2)), @crm_6 datetime = cast(@p3 as datetime), @crm_7 datetime = cast(@p6 as datetime), @crm_9 varchar(7) = cast(@p3 as varchar(7));
declare @crm_8 [dbo].[sorlista];
insert into @crm_8 ([afakod], [cikkszam], [egysegar], [elozsorsz], [engedmeny], [megnevezes], [mekod], [mennyiseg], [sor]) values (cast(@p3 as char(4)), cast(@p3 as varchar(15)), cast(@p7 as decimal(15,4)), cast(@p8 as int), cast(@p7 as decimal(7,4)), cast(@p3 as nvarchar(400)), cast(@p3 as nvarchar(6)), cast(@p9 as decimal(15,3)), cast(@p10 as int));
exec @crm_code = [dbo].[bizellen] @biztipus = @crm_1, @cegkod = @crm_2, @devizanem = @crm_3, @elozbiz = @crm_4, @eloztipus = @crm_5, @hatarido = @crm_6, @kelt = @crm_7, @sorok = @crm_8, @vevokod = @crm_9;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "SZ"
--   @p2 string = "COMPANY"
--   @p3 <nil> = "<nil>"
--   @p4 string = "NOTE"
--   @p5 string = "SL"
--   @p6 string = "2026-07-13T00:00:00.000"
--   @p7 string = "0"
--   @p8 int64 = "10"
--   @p9 string = "1"
--   @p10 int64 = "0"
-- documents.invoice.create
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 char(2) = cast(@p1 as char(2)), @crm_2 varchar(40) = cast(@p2 as varchar(40)), @crm_3 char(3) = cast(@p3 as char(3)), @crm_4 varchar(15) = cast(@p4 as varchar(15)), @crm_5 char(2) = cast(@p5 as char(2)), @crm_6 datetime = cast(@p3 as datetime), @crm_7 nvarchar(40) = cast(@p3 as nvarchar(40)), @crm_8 datetime = cast(@p6 as datetime), @crm_9 varchar(80) = cast(@p7 as varchar(80)), @crm_10 nvarchar(1000) = cast(@p3 as nvarchar(1000)), @crm_11 datetime = cast(@p8 as datetime), @crm_12 varchar(20) = cast(@p9 as varchar(20)), @crm_13 nvarchar(max) = cast(@p10 as nvarchar(max)), @crm_14 varchar(7) = cast(@p3 as varchar(7));
exec @crm_code = [dbo].[bizfelvj] @biztipus = @crm_1, @cegkod = @crm_2, @devizanem = @crm_3, @elozbiz = @crm_4, @eloztipus = @crm_5, @hatarido = @crm_6, @hivatkozas = @crm_7, @kelt = @crm_8, @kulsoazon = @crm_9, @megjegyzes = @crm_10, @rogzido = @crm_11, @rogzito = @crm_12, @tetelek = @crm_13, @vevokod = @crm_14;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "SZ"
--   @p2 string = "COMPANY"
--   @p3 <nil> = "<nil>"
--   @p4 string = "NOTE"
--   @p5 string = "SL"
--   @p6 string = "2026-07-13T00:00:00.000"
--   @p7 string = "token of the golden file"
--   @p8 string = "2026-07-13T10:30:00.000"
--   @p9 string = "KOVACSA"
--   @p10 string = "[{\"egysegar\":0,\"elozsorsz\":\"10\",\"engedmeny\":0,\"mennyiseg\":1,\"sor\":0}]"
-- documents.invoice.find
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 char(2) = cast(@p1 as char(2)), @crm_2 varchar(40) = cast(@p2 as varchar(40)), @crm_3 varchar(80) = cast(@p3 as varchar(80));
exec @crm_code = [dbo].[bizkeres] @biztipus = @crm_1, @cegkod = @crm_2, @kulsoazon = @crm_3;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "SZ"
--   @p2 string = "COMPANY"
--   @p3 string = "token of the golden file"
-- ======== the invoice is cancelled
-- documents.invoice.read
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(15) = cast(@p1 as varchar(15)), @crm_2 char(2) = cast(@p2 as char(2)), @crm_3 varchar(40) = cast(@p3 as varchar(40));
exec @crm_code = [dbo].[bizkeres] @bizszam = @crm_1, @biztipus = @crm_2, @cegkod = @crm_3;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "INVOICE"
--   @p2 string = "SZ"
--   @p3 string = "COMPANY"
-- documents.invoice.cancel
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(15) = cast(@p1 as varchar(15)), @crm_2 char(2) = cast(@p2 as char(2)), @crm_3 varchar(40) = cast(@p3 as varchar(40)), @crm_4 varchar(15), @crm_5 datetime = cast(@p4 as datetime), @crm_6 nvarchar(200) = cast(@p5 as nvarchar(200)), @crm_7 datetime = cast(@p6 as datetime), @crm_8 varchar(20) = cast(@p7 as varchar(20));
exec @crm_code = [dbo].[bizstorno] @bizszam = @crm_1, @biztipus = @crm_2, @cegkod = @crm_3, @jovairo = @crm_4 output, @kelt = @crm_5, @ok = @crm_6, @rogzido = @crm_7, @rogzito = @crm_8;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state, @crm_4 as crm_out1
--   @p1 string = "INVOICE"
--   @p2 string = "SZ"
--   @p3 string = "COMPANY"
--   @p4 string = "2026-07-13T00:00:00.000"
--   @p5 string = "téves"
--   @p6 string = "2026-07-13T10:30:00.000"
--   @p7 string = "KOVACSA"
-- documents.invoice.read
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(15) = cast(@p1 as varchar(15)), @crm_2 char(2) = cast(@p2 as char(2)), @crm_3 varchar(40) = cast(@p3 as varchar(40));
exec @crm_code = [dbo].[bizkeres] @bizszam = @crm_1, @biztipus = @crm_2, @cegkod = @crm_3;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "INVOICE"
--   @p2 string = "SZ"
--   @p3 string = "COMPANY"
-- ======== a price is asked for: OUT parameters
-- prices
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 nvarchar(60), @crm_2 varchar(40) = cast(@p1 as varchar(40)), @crm_3 varchar(15) = cast(@p2 as varchar(15)), @crm_4 char(3) = cast(@p3 as char(3)), @crm_5 decimal(15,4), @crm_6 decimal(7,4), @crm_7 decimal(15,3) = cast(@p4 as decimal(15,3)), @crm_8 date = cast(@p5 as date), @crm_9 varchar(7) = cast(@p6 as varchar(7));
exec @crm_code = [dbo].[arkeres] @arlnev = @crm_1 output, @cegkod = @crm_2, @cikkszam = @crm_3, @devizanem = @crm_4, @egysegar = @crm_5 output, @engedmeny = @crm_6 output, @mennyiseg = @crm_7, @nap = @crm_8, @vevokod = @crm_9;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state, @crm_1 as crm_out1, @crm_5 as crm_out2, @crm_6 as crm_out3
--   @p1 string = "COMPANY"
--   @p2 string = "ASZTAL-01"
--   @p3 string = "HUF"
--   @p4 string = "10"
--   @p5 string = "2026-07-13"
--   @p6 <nil> = "<nil>"
-- ======== what is still to be delivered: the page behind an order
-- backlog
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(40) = cast(@p1 as varchar(40)), @crm_2 int = cast(@p2 as int), @crm_3 datetime = cast(@p3 as datetime), @crm_4 varchar(15) = cast(@p4 as varchar(15)), @crm_5 datetime = cast(@p3 as datetime);
exec @crm_code = [dbo].[hatrlista] @cegkod = @crm_1, @darab = @crm_2, @tol = @crm_3, @utanbiz = @crm_4, @utankelt = @crm_5;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "COMPANY"
--   @p2 int64 = "50"
--   @p3 string = "2026-07-13T00:00:00.000"
--   @p4 string = "ORDER"
-- ======== what all owe: the page behind a customer
-- receivables
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(40) = cast(@p1 as varchar(40)), @crm_2 int = cast(@p2 as int), @crm_3 varchar(7) = cast(@p3 as varchar(7));
exec @crm_code = [dbo].[kovlista] @cegkod = @crm_1, @darab = @crm_2, @utan = @crm_3;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "COMPANY"
--   @p2 int64 = "51"
--   @p3 string = "C000001"
-- ======== who has paid: customers as a table
-- settled
declare @crm_code int, @crm_begun int = @@trancount, @crm_1 varchar(40) = cast(@p1 as varchar(40)), @crm_2 datetime = cast(@p2 as datetime);
declare @crm_3 [dbo].[vevokodlista];
insert into @crm_3 ([vevokod]) values (cast(@p3 as varchar(7))), (null);
exec @crm_code = [dbo].[kiegylista] @cegkod = @crm_1, @tol = @crm_2, @vevok = @crm_3;
select @crm_code as crm_code, @@trancount - @crm_begun as crm_begun, xact_state() as crm_state
--   @p1 string = "COMPANY"
--   @p2 string = "2026-07-13T00:00:00.000"
--   @p3 string = "C000001"
